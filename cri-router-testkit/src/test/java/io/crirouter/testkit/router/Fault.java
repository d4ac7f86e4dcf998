package io.crirouter.testkit.router;

import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.testkit.FakeRuntime;
import java.time.Duration;
import java.util.Optional;

/** The faults of one rpc, or of a whole runtime. */
enum Fault {
  UNIMPLEMENTED("UNIMPLEMENTED") {
    @Override
    void begin(FakeRuntime runtime, String rpc) {
      runtime.failAlways(rpc, status().orElseThrow());
    }

    @Override
    Optional<RpcStatus> status() {
      return Optional.of(RpcStatus.of(Code.UNIMPLEMENTED, "unknown method"));
    }
  },
  ERROR("INTERNAL") {
    @Override
    void begin(FakeRuntime runtime, String rpc) {
      runtime.failAlways(rpc, status().orElseThrow());
    }

    @Override
    Optional<RpcStatus> status() {
      return Optional.of(RpcStatus.of(Code.INTERNAL, "disk full"));
    }
  },
  GARBLED("malformed") {
    @Override
    void begin(FakeRuntime runtime, String rpc) {
      runtime.garble(rpc);
    }
  },
  BAD_TEXT("malformed") {
    @Override
    void begin(FakeRuntime runtime, String rpc) {
      runtime.garbleText(rpc);
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
    void begin(FakeRuntime runtime, String rpc) {
      runtime.truncate(rpc);
    }
  },
  HUNG("hung") {
    @Override
    void begin(FakeRuntime runtime, String rpc) {
      runtime.hang(rpc);
    }
  },
  TRICKLING("trickling") {
    @Override
    void begin(FakeRuntime runtime, String rpc) {
      runtime.trickle(Duration.ofSeconds(1), rpc);
    }
  },
  ENORMOUS("enormous") {
    @Override
    void begin(FakeRuntime runtime, String rpc) {
      runtime.flood(rpc);
    }
  },
  LOST("lost, hangs") {
    @Override
    void begin(FakeRuntime runtime, String rpc) {
      runtime.hang();
    }

    @Override
    Duration detectionTime() {
      return UNTIL_LOST;
    }
  },
  DOWN("lost, down") {
    @Override
    void begin(FakeRuntime runtime, String rpc) {
      runtime.down();
    }
  };

  /** A probe every ten seconds, five seconds for its response, and one in reserve. */
  private static final Duration UNTIL_LOST = Duration.ofSeconds(16);

  private final String column;

  Fault(String column) {
    this.column = column;
  }

  /** The heading in the table of outcomes. Several faults may share one. */
  String column() {
    return column;
  }

  abstract void begin(FakeRuntime runtime, String rpc);

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
    return this == LOST || this == DOWN;
  }

  static void end(FakeRuntime runtime) {
    runtime.heal();
    runtime.resume();
    runtime.up();
  }
}
