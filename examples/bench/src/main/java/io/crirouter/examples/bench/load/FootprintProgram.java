package io.crirouter.examples.bench.load;

import com.google.protobuf.ByteString;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Measures what one proxy takes of a quiet node: start, memory, CPU at a kubelet's pace. */
@Command(
    name = "footprint",
    description = "Measures what criproxy takes of a node on which little happens.",
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
          "How many pods of one container there are, half of them at each of two runtimes;"
              + " ${DEFAULT-VALUE}.")
  private int pods;

  @Option(
      names = "--seconds",
      defaultValue = "600",
      description = "How long a kubelet lists once a second; ${DEFAULT-VALUE}.")
  private int seconds;

  @Option(
      names = "--last",
      defaultValue = "60",
      description = "Of how many seconds at the end the CPU time is told; ${DEFAULT-VALUE}.")
  private int last;

  @Option(
      names = "--proxy",
      required = true,
      paramLabel = "COMMAND",
      description = "What starts criproxy.")
  private String proxy = "";

  private FootprintProgram() {}

  /** Runs the program; exits 0 if it could measure, whatever it found. */
  public static void main(String[] args) {
    System.exit(new CommandLine(new FootprintProgram()).execute(args));
  }

  @Override
  public Integer call() throws IOException {
    List<String> specs = RUNTIMES.stream().map(runtime -> runtime + "=" + pods).toList();
    try (Testbed testbed = new Testbed(List.of(proxy), specs)) {
      for (String runtime : RUNTIMES) {
        testbed.holdInChangingOrder(runtime, pods / 2);
      }
      EventLoopGroup loop = Sockets.newLoop();
      try (Caller direct = new Caller(testbed.socket(Testbed.FIRST), loop)) {
        // This process itself must not be a fresh one.
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

  /** As a kubelet's pod lifecycle event generator does. */
  private static void list(Caller caller, int times) {
    for (int i = 0; i < times; i++) {
      caller.call("ListPodSandbox", ByteString.EMPTY);
      caller.call("ListContainers", ByteString.EMPTY);
      LockSupport.parkNanos(PACE.toNanos());
    }
  }
}
