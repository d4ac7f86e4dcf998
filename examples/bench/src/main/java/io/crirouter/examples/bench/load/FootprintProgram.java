package io.crirouter.examples.bench.load;

import com.google.protobuf.ByteString;
import io.crirouter.examples.bench.Sockets;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Measures a proxy on a quiet node: start time, memory, and CPU at the call rate of a kubelet. */
@Command(
    name = "footprint",
    description = "Measures the start, memory and CPU of criproxy on a quiet node.",
    mixinStandardHelpOptions = true)
public final class FootprintProgram implements Callable<Integer> {
  private static final List<String> RUNTIMES = List.of(Testbed.FIRST, Testbed.SECOND);
  private static final Duration WARM_UP = Duration.ofSeconds(1);
  private static final Duration SETTLE = Duration.ofSeconds(2);
  private static final Duration PACE = Duration.ofSeconds(1);

  @Option(
      names = "--pods",
      defaultValue = "110",
      description =
          "The number of pods with one container, half of them on each of two runtimes;"
              + " ${DEFAULT-VALUE}.")
  private int pods;

  @Option(
      names = "--seconds",
      defaultValue = "600",
      description = "Duration of the lists, one a second; ${DEFAULT-VALUE}.")
  private int seconds;

  @Option(
      names = "--last",
      defaultValue = "60",
      description = "Seconds at the end in which CPU time is measured; ${DEFAULT-VALUE}.")
  private int last;

  @Option(
      names = "--proxy",
      required = true,
      paramLabel = "COMMAND",
      description = "The command that starts criproxy.")
  private String proxy = "";

  private FootprintProgram() {}

  /** Runs the program; exits 0 if the measurement succeeded, whatever the figures. */
  public static void main(String[] args) {
    System.exit(new CommandLine(new FootprintProgram()).execute(args));
  }

  @Override
  public Integer call() throws IOException {
    List<String> specs = RUNTIMES.stream().map(runtime -> runtime + "=" + pods).toList();
    try (Testbed testbed = new Testbed(List.of(proxy), specs)) {
      for (String runtime : RUNTIMES) {
        testbed.setContainersInChangingOrder(runtime, pods / 2);
      }
      EventLoopGroup loop = Sockets.newLoop();
      try (Caller direct = new Caller(testbed.socket(Testbed.FIRST), loop)) {
        // Warms up this process itself.
        direct.oneByOne("ListContainers", List.of(ByteString.EMPTY), WARM_UP);
      }
      List<String> options = List.of("--state-file", testbed.stateFile().toString());
      try (Daemon daemon = testbed.startProxy(RUNTIMES, options);
          Caller caller = new Caller(daemon.socket(), loop)) {
        double start = daemon.awaitAnswer(() -> caller.call("Version", ByteString.EMPTY));
        double startCpu = daemon.cost().tickNanos() / 1e6;
        LockSupport.parkNanos(SETTLE.toNanos());
        double idle = daemon.cost().residentMib();
        list(caller, seconds - last);
        ProcessCost before = daemon.cost();
        list(caller, last);
        ProcessCost after = daemon.cost();
        System.out.printf(
            "start to the first answer %.0f ms (%.0f ms of CPU); RSS %.0f MiB idle, %.0f MiB after"
                + " %d s of lists of %d pods; %.2f %% of a core in the last %d s%n",
            start,
            startCpu,
            idle,
            after.residentMib(),
            seconds,
            pods,
            after.cpuMillisSince(before) / (10.0 * last),
            last);
      }
    }
    return 0;
  }

  /** Lists pods and containers at the rate of a kubelet's pod lifecycle event generator. */
  private static void list(Caller caller, int times) {
    for (int i = 0; i < times; i++) {
      caller.call("ListPodSandbox", ByteString.EMPTY);
      caller.call("ListContainers", ByteString.EMPTY);
      LockSupport.parkNanos(PACE.toNanos());
    }
  }
}
