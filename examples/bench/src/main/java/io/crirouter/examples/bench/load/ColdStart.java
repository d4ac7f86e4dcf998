package io.crirouter.examples.bench.load;

import com.google.protobuf.ByteString;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * The cost of a new process in its first seconds.
 *
 * @param startMillis the time from the start of its command to the first answered ContainerStatus
 * @param idleMib the resident memory a second later
 * @param cpuMillis the CPU time per 1,000 calls in the next three seconds
 */
record ColdStart(double startMillis, double idleMib, double cpuMillis) {
  private static final Duration SETTLE = Duration.ofSeconds(1);
  private static final Duration TIME = Duration.ofSeconds(3);

  /** The rate of calls. */
  enum Pace {
    /** Ten calls a second, as a kubelet makes. */
    KUBELET("10 calls/s", Duration.ofMillis(100)),
    /** A hundred calls a second. */
    BUSY("100 calls/s", Duration.ofMillis(10)),
    /** Each call starts when the previous one has ended. */
    FLAT_OUT("flat out", Duration.ZERO);

    private final String title;
    private final Duration interval;

    Pace(String title, Duration interval) {
      this.title = title;
      this.interval = interval;
    }

    String title() {
      return title;
    }
  }

  /** Starts a process. */
  interface Starter {
    Daemon start() throws IOException;
  }

  static ColdStart measure(
      Starter starter, List<ByteString> requests, Pace pace, EventLoopGroup loop)
      throws IOException {
    try (Daemon daemon = starter.start();
        Caller caller = new Caller(daemon.socket(), loop)) {
      double start = daemon.awaitAnswer(() -> caller.call("ContainerStatus", requests.get(0)));
      LockSupport.parkNanos(SETTLE.toNanos());
      ProcessCost before = daemon.cost();
      Sample sample = caller.paced("ContainerStatus", requests, TIME, pace.interval);
      double cpu = daemon.cost().cpuMillisSince(before);
      return new ColdStart(start, before.residentMib(), cpu * 1e3 / sample.count());
    }
  }
}
