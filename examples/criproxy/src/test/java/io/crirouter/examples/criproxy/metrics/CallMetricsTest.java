package io.crirouter.examples.criproxy.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.sun.management.ThreadMXBean;
import io.crirouter.core.BackendName;
import io.crirouter.core.CallPart;
import io.crirouter.core.CallRecord;
import io.crirouter.core.CallRoute;
import io.crirouter.core.CriMethod;
import io.crirouter.core.CriRequest;
import io.crirouter.core.RpcStatus;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The allocations of counting a call. */
class CallMetricsTest {
  private static final CriMethod LIST = CriMethod.of("ListContainers");
  private static final CriRequest REQUEST = CriRequest.of(LIST, ByteString.EMPTY);
  private static final int CALLS = 10_000;

  private record Part(BackendName backend) implements CallPart {
    private static final Duration LATENCY = Duration.ofMillis(3);

    @Override
    public CriMethod method() {
      return LIST;
    }

    @Override
    public boolean wasSent() {
      return true;
    }

    @Override
    public RpcStatus status() {
      return RpcStatus.OK;
    }

    @Override
    public boolean missedBudget() {
      return true;
    }

    @Override
    public boolean isLastKnown() {
      return true;
    }

    @Override
    public Duration startedAfter() {
      return Duration.ZERO;
    }

    @Override
    public Duration latency() {
      return LATENCY;
    }

    @Override
    public long requestBytes() {
      return 0;
    }

    @Override
    public long responseBytes() {
      return 1000;
    }
  }

  private record Ended(
      CriMethod method,
      Instant startedAt,
      Duration latency,
      RpcStatus status,
      Optional<CallRoute> route,
      List<CallPart> parts,
      long requestBytes,
      long responses,
      long responseBytes)
      implements CallRecord {}

  @Test
  void countingAllocatesOnlyWhatTheHistogramsDo() {
    CallMetrics metrics = new CallMetrics(new Families());
    CallRecord call =
        new Ended(
            LIST,
            Instant.EPOCH,
            Duration.ofMillis(4),
            RpcStatus.OK,
            Optional.empty(),
            List.of(new Part(BackendName.of("containerd")), new Part(BackendName.of("kata"))),
            10,
            1,
            2000);
    count(metrics, call);

    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    count(metrics, call);
    long bytes = threads.getCurrentThreadAllocatedBytes() - before;

    assertThat(bytes / CALLS).as("40 bytes for each of three histograms").isLessThan(150);
  }

  private static void count(CallMetrics metrics, CallRecord call) {
    for (int i = 0; i < CALLS; i++) {
      metrics.started(REQUEST).ended(call);
    }
  }
}
