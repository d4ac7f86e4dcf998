package io.crirouter.testkit.router;

import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.testkit.FakeRuntime;
import io.crirouter.testkit.router.ThrowingRuntime.Failure;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/** The faults of one rpc, or of a whole runtime. */
enum Fault {
  UNIMPLEMENTED("UNIMPLEMENTED") {
    @Override
    void begin(FaultyNode node, String rpc) {
      node.faulty().failAlways(rpc, status().orElseThrow());
    }

    @Override
    Optional<RpcStatus> status() {
      return Optional.of(RpcStatus.of(Code.UNIMPLEMENTED, "unknown method"));
    }
  },
  ERROR("INTERNAL") {
    @Override
    void begin(FaultyNode node, String rpc) {
      node.faulty().failAlways(rpc, status().orElseThrow());
    }

    @Override
    Optional<RpcStatus> status() {
      return Optional.of(RpcStatus.of(Code.INTERNAL, "disk full"));
    }
  },
  GARBLED("malformed") {
    @Override
    void begin(FaultyNode node, String rpc) {
      node.faulty().garble(rpc);
    }
  },
  BAD_TEXT("malformed") {
    @Override
    void begin(FaultyNode node, String rpc) {
      node.faulty().garbleText(rpc);
    }

    @Override
    boolean appliesTo(String rpc) {
      try {
        FakeRuntime.create("any").garbleText(rpc);
        return true;
      } catch (IllegalArgumentException e) {
        return false;
      }
    }
  },
  TRUNCATED("malformed") {
    @Override
    void begin(FaultyNode node, String rpc) {
      node.faulty().truncate(rpc);
    }
  },
  HUNG("hung") {
    @Override
    void begin(FaultyNode node, String rpc) {
      node.faulty().hang(rpc);
    }
  },
  TRICKLING("trickling") {
    @Override
    void begin(FaultyNode node, String rpc) {
      node.faulty().trickle(Duration.ofSeconds(1), rpc);
    }
  },
  ENORMOUS("enormous") {
    @Override
    void begin(FaultyNode node, String rpc) {
      node.faulty().flood(rpc);
    }
  },
  LOST("lost, hangs") {
    @Override
    void begin(FaultyNode node, String rpc) {
      node.faulty().hang();
    }

    @Override
    Duration detectionTime() {
      return UNTIL_LOST;
    }
  },
  DOWN("lost, down") {
    @Override
    void begin(FaultyNode node, String rpc) {
      node.faulty().down();
    }
  },
  THROWS("throws") {
    @Override
    void begin(FaultyNode node, String rpc) {
      node.beforeFaulty().fail(Failure.EXCEPTION);
    }
  },
  THROWS_LATER("throws") {
    @Override
    void begin(FaultyNode node, String rpc) {
      node.beforeFaulty().fail(Failure.FAILED_REQUEST);
    }
  };

  /** A probe every ten seconds, five seconds for its response, and one in reserve. */
  private static final Duration UNTIL_LOST = Duration.ofSeconds(16);

  private static final Set<Fault> WHOLE = EnumSet.of(LOST, DOWN, THROWS, THROWS_LATER);

  private final String column;

  Fault(String column) {
    this.column = column;
  }

  /** The heading in the table of outcomes. Several faults may share one. */
  String column() {
    return column;
  }

  abstract void begin(FaultyNode node, String rpc);

  boolean appliesTo(String rpc) {
    return true;
  }

  /** The time that the router needs to detect the fault before the call. */
  Duration detectionTime() {
    return Duration.ZERO;
  }

  /** The status that the runtime answers, if any. */
  Optional<RpcStatus> status() {
    return Optional.empty();
  }

  /** Whether the whole runtime is affected, so that it is lost. */
  boolean affectsWholeRuntime() {
    return WHOLE.contains(this);
  }

  static void end(FaultyNode node) {
    node.beforeFaulty().heal();
    node.faulty().heal();
    node.faulty().resume();
    node.faulty().up();
  }
}
