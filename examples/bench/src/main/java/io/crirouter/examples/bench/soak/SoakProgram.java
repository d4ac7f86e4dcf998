package io.crirouter.examples.bench.soak;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.crirouter.examples.bench.load.RuntimesProcess;
import io.crirouter.examples.bench.soak.ProxyProcess.Usage;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
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

/** Lets a proxy live among runtimes that behave badly, and says what that cost a good client. */
@Command(
    name = "soak",
    description =
        "Runs criproxy with a runtime that sends GOAWAY without end, one that floods and one that"
            + " hangs, beside a kubelet with a good one; fails if the proxy grows or the kubelet"
            + " notices.",
    mixinStandardHelpOptions = true)
public final class SoakProgram implements Callable<Integer> {
  private static final String PRIMARY = "primary";
  private static final String GOOD = "good";
  private static final int PODS = 30;
  private static final int PODS_OF_HANGING = 3;
  private static final Duration WARM_UP = Duration.ofSeconds(15);
  private static final Duration READY_LIMIT = Duration.ofSeconds(30);
  private static final Duration ROUND = Duration.ofSeconds(1);

  @Option(
      names = "--minutes",
      defaultValue = "10",
      description = "How long the bad runtimes are there; ${DEFAULT-VALUE}.")
  private double minutes;

  @Option(
      names = "--baseline",
      paramLabel = "SECONDS",
      defaultValue = "120",
      description = "How long the good client is measured without them; ${DEFAULT-VALUE}.")
  private int baselineSeconds;

  @Option(
      names = "--brief",
      description = "Half a minute in all, in which latencies are told but not judged.")
  private boolean brief;

  @Option(
      names = "--proxy",
      required = true,
      paramLabel = "COMMAND",
      description = "What starts criproxy.")
  private String proxyCommand = "";

  private SoakProgram() {}

  /** Runs the program; exits 0 if all bars are kept, 1 otherwise. */
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
    try (Runtimes good = new Runtimes(GoodRuntimes.class, folder, PRIMARY, GOOD);
        ProxyProcess proxy = startProxy(folder, socket)) {
      await("the proxy", () -> Files.exists(socket));
      try (SoakKubelet kubelet = new SoakKubelet(socket)) {
        kubelet.runPods(PRIMARY, PODS, true);
        kubelet.runPods(GOOD, PODS, true);
        progress("a baseline of " + baselineSeconds + " s");
        List<Usage> unused = rounds(kubelet, proxy, WARM_UP);
        kubelet.measureAnew();
        unused = rounds(kubelet, proxy, Duration.ofSeconds(baselineSeconds));
        Latencies before = kubelet.latencies();
        Usage usageBefore = proxy.usage();
        List<Usage> usage;
        try (Runtimes hostile = new Runtimes(HostileRuntimes.class, folder)) {
          await("the runtime that will hang", () -> proxy.saysReady(HostileRuntimes.HANGING));
          kubelet.runPods(HostileRuntimes.HANGING, PODS_OF_HANGING, false);
          hostile.begin();
          progress("with bad runtimes for " + minutes + " minutes");
          kubelet.measureAnew();
          usage = rounds(kubelet, proxy, Duration.ofMillis((long) (minutes * 60_000)));
        }
        good.requireAlive();
        progress(kubelet.eventsReceived() + " events were received");
        verdict.judgeUsage(usageBefore, usage);
        verdict.judgeFailures(kubelet.failures().size());
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
        Stream.of(GOOD, HostileRuntimes.STORMING, HostileRuntimes.FLOODING, HostileRuntimes.HANGING)
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

  private static List<Usage> rounds(SoakKubelet kubelet, ProxyProcess proxy, Duration time)
      throws IOException {
    List<Usage> usage = new ArrayList<>();
    long begin = System.nanoTime();
    for (long due = begin; due - begin < time.toNanos(); due += ROUND.toNanos()) {
      while (due - System.nanoTime() > 0) {
        LockSupport.parkNanos(due - System.nanoTime());
      }
      kubelet.round(List.of(PRIMARY, GOOD));
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

  /** A process with runtimes, at sockets that are named after them. */
  private static final class Runtimes implements AutoCloseable {
    private final Process process;
    private final BufferedReader replies;

    Runtimes(Class<?> program, Path folder, String... arguments) throws IOException {
      process = RuntimesProcess.start(program, folder, List.of(arguments));
      replies = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
      awaitReply();
    }

    /** Makes the runtimes behave badly. */
    void begin() throws IOException {
      process.getOutputStream().write('\n');
      process.getOutputStream().flush();
      awaitReply();
    }

    /** What is measured means nothing if they have failed. */
    void requireAlive() throws IOException {
      if (!process.isAlive()) {
        throw new IOException("the process with the good runtimes has ended");
      }
    }

    private void awaitReply() throws IOException {
      if (!"ok".equals(replies.readLine())) {
        throw new IOException("a process with runtimes has failed; see above");
      }
    }

    @Override
    public void close() {
      process.destroy();
    }
  }
}
