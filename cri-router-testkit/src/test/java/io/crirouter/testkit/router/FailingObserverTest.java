package io.crirouter.testkit.router;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.crirouter.core.CallObservation;
import io.crirouter.core.CallObserver;
import io.crirouter.core.CallRecord;
import io.crirouter.core.CallRoute;
import io.crirouter.core.CriRequest;
import io.crirouter.core.RpcStatus.Code;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Level;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A failed observer affects only the log. */
class FailingObserverTest {
  /** The places where an observer can fail. */
  enum Place implements CallObserver {
    STARTED,
    NULL_OBSERVATION,
    ROUTED,
    ENDED,
    ENDED_WITH_AN_ERROR;

    @Override
    @SuppressWarnings("NullAway") // that is the fault
    public CallObservation started(CriRequest request) {
      if (this == STARTED) {
        throw new IllegalStateException("a bug in started");
      }
      return this == NULL_OBSERVATION ? null : new Failing();
    }

    private final class Failing implements CallObservation {
      @Override
      public void routed(CallRoute route) {
        if (Place.this == ROUTED) {
          throw new IllegalStateException("a bug in routed");
        }
      }

      @Override
      public void ended(CallRecord call) {
        if (Place.this == ENDED) {
          throw new IllegalStateException("a bug in ended");
        }
        if (Place.this == ENDED_WITH_AN_ERROR) {
          throw new AssertionError("a bug in ended");
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void aFailedObserverDoesNotAffectCallsAndIsLoggedWithALimitedRate(Place place) {
    List<CallRecord> seen = new ArrayList<>();
    Node node =
        Node.builder()
            .configure(
                builder -> builder.observer(place).observer(CallObserver.whenEnded(seen::add)))
            .build();

    try (CapturedLog log = new CapturedLog(Level.WARNING)) {
      for (int i = 0; i < 10; i++) {
        assertOk(RawCall.start(node.router, "Version", ByteString.EMPTY));
      }
      assertThat(log.lines()).containsExactly("call observer " + place + " failed");

      node.clock.advance(Duration.ofMinutes(1));
      assertOk(RawCall.start(node.router, "Version", ByteString.EMPTY));

      assertThat(log.lines())
          .hasSize(2)
          .last()
          .isEqualTo("call observer " + place + " failed (9 more failures were not logged)");
    }
    assertThat(seen).hasSize(11);
  }

  private static void assertOk(RawCall call) {
    assertThat(call.status().code()).isEqualTo(Code.OK);
  }
}
