package io.crirouter.examples.bench.soak;

import io.crirouter.examples.bench.ProcessUsage;
import io.crirouter.examples.bench.RuntimesProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Runs a proxy with faulty runtimes, and measures the effect on a client of healthy ones. */
@Command(
    name = "soak",
    description =
        "Runs criproxy with a runtime that sends GOAWAY after each answer, one that floods and one"
            + " that hangs, and a kubelet that calls healthy runtimes. Fails if the proxy grows or"
            + " calls of the kubelet fail or get slow.",
    mixinStandardHelpOptions = true)
public final class SoakProgram implements Callable<Integer> {
  private static final String PRIMARY = "primary";
  private static final String HEALTHY = "healthy";
  private static final int PODS = 30;
  private static final int PODS_OF_HANGING = 3;
  private static final Duration WARM_UP = Duration.ofSeconds(15);
  private static final Duration READY_LIMIT = Duration.ofSeconds(30);
  private static final Duration ROUND = Duration.ofSeconds(1);

  @Option(
      names = "--minutes",
      defaultValue = "10",
      description = "How long the faulty runtimes run; ${DEFAULT-VALUE}.")
  private double minutes;

  @Option(
      names = "--baseline",
      paramLabel = "SECONDS",
      defaultValue = "120",
      description = "How long the kubelet is measured without them; ${DEFAULT-VALUE}.")
  private int baselineSeconds;

  @Option(
      names = "--brief",
      description = "Half a minute in all; latencies are reported but not judged.")
  private boolean brief;

  @Option(
      names = "--proxy",
      required = true,
      paramLabel = "COMMAND",
      description = "The command that starts criproxy.")
  private String proxyCommand = "";

  private SoakProgram() {}

  /** Runs the program; exits 0 if all criteria are met, 1 otherwise. */
  public static void main(String[] args) {
    System.exit(new CommandLine(new SoakProgram()).execute(args));
  }

  @Override
  public Integer call() throws IOException {
    if (brief) {
      minutes = 0.5;
      baselineSeconds = 10;
    }
    Path folder = Files.createTempDirectory("cri-router-soak");
    try {
      Verdict verdict = run(folder);
      System.out.print(verdict);
      return verdict.isGood() ? 0 : 1;
    } finally {
      try (Stream<Path> files = Files.list(folder)) {
        for (Path file : files.toList()) {
          Files.deleteIfExists(file);
        }
      }
      Files.deleteIfExists(folder);
    }
  }

  private Verdict run(Path folder) throws IOException {
    Path socket = folder.resolve("criproxy.sock");
    Verdict verdict = new Verdict();
    try (RuntimesProcess healthy =
            RuntimesProcess.start(HealthyRuntimes.class, folder, List.of(PRIMARY, HEALTHY));
        ProxyProcess proxy = startProxy(folder, socket)) {
      await("the proxy", () -> Files.exists(socket));
      try (SoakKubelet kubelet = new SoakKubelet(socket)) {
        kubelet.runPods(PRIMARY, PODS, true);
        kubelet.runPods(HEALTHY, PODS, true);
        progress("a baseline of " + baselineSeconds + " s");
        List<ProcessUsage> unused = rounds(kubelet, proxy, WARM_UP);
        kubelet.resetLatencies();
        unused = rounds(kubelet, proxy, Duration.ofSeconds(baselineSeconds));
        Latencies before = kubelet.latencies();
        ProcessUsage usageBefore = proxy.usage();
        int logLinesBefore = proxy.logLines();
        List<ProcessUsage> usage;
        try (RuntimesProcess faulty =
            RuntimesProcess.start(FaultyRuntimes.class, folder, List.of())) {
          await("the runtime that will hang", () -> proxy.hasLoggedReady(FaultyRuntimes.HANGING));
          kubelet.runPods(FaultyRuntimes.HANGING, PODS_OF_HANGING, false);
          faulty.send("begin");
          progress("with faulty runtimes for " + minutes + " minutes");
          kubelet.resetLatencies();
          usage = rounds(kubelet, proxy, Duration.ofMillis((long) (minutes * 60_000)));
        }
        healthy.requireAlive();
        progress(kubelet.eventsReceived() + " events were received");
        verdict.judgeUsage(usageBefore, usage);
        verdict.reportLogLines(proxy.logLines() - logLinesBefore);
        verdict.judgeFailures(kubelet.failures());
        verdict.judgeLatencies(before, kubelet.latencies(), !brief);
      }
      if (!verdict.isGood()) {
        System.err.println("the log of the proxy ends with:\n" + proxy.lastLines());
      }
    }
    return verdict;
  }

  private ProxyProcess startProxy(Path folder, Path socket) throws IOException {
    String connect =
        Stream.of(HEALTHY, FaultyRuntimes.GOAWAY, FaultyRuntimes.FLOODING, FaultyRuntimes.HANGING)
            .map(name -> name + ":" + folder.resolve(name + ".sock"))
            .collect(Collectors.joining(",", folder.resolve(PRIMARY + ".sock") + ",", ""));
    return new ProxyProcess(
        List.of(
            proxyCommand,
            "run",
            "--listen",
            socket.toString(),
            "--connect",
            connect,
            "--state-file",
            folder.resolve("state").toString()),
        folder.resolve("criproxy.log"));
  }

  private static List<ProcessUsage> rounds(SoakKubelet kubelet, ProxyProcess proxy, Duration time)
      throws IOException {
    List<ProcessUsage> usage = new ArrayList<>();
    long begin = System.nanoTime();
    for (long due = begin; due - begin < time.toNanos(); due += ROUND.toNanos()) {
      while (due - System.nanoTime() > 0) {
        LockSupport.parkNanos(due - System.nanoTime());
      }
      kubelet.round(List.of(PRIMARY, HEALTHY));
      usage.add(proxy.usage());
    }
    return usage;
  }

  private interface Condition {
    boolean holds() throws IOException;
  }

  private static void await(String what, Condition condition) throws IOException {
    long deadline = System.nanoTime() + READY_LIMIT.toNanos();
    while (!condition.holds()) {
      if (System.nanoTime() - deadline > 0) {
        throw new IOException(what + " was not ready in time");
      }
      LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
    }
  }

  private static void progress(String what) {
    System.err.println("soak: " + what);
  }
}
