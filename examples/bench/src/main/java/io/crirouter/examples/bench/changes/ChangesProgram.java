package io.crirouter.examples.bench.changes;

import io.crirouter.examples.bench.ProcessUsage;
import io.crirouter.examples.bench.RuntimesProcess;
import io.crirouter.examples.bench.soak.HealthyRuntimes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Makes all changes of an operator to a proxy under load, and counts failed calls. */
@Command(
    name = "changes",
    description =
        "Runs criproxy under load, changes its configuration, lets it hand over to successors and"
            + " restarts a runtime. Fails if a call to another runtime fails or the proxy grows.",
    mixinStandardHelpOptions = true)
public final class ChangesProgram implements Callable<Integer> {
  private static final List<String> STEADY = List.of("primary", "steady");
  private static final String ADDED = "added";
  private static final String RESTARTED = "restarted";
  private static final int CLIENTS = 12;
  private static final int BRIEF_CHANGES = 6;
  private static final double RESIDENT_GROWTH = 1.15;
  private static final int DESCRIPTOR_GROWTH = 12;

  @Option(
      names = "--minutes",
      defaultValue = "30",
      description = "Duration of the test; ${DEFAULT-VALUE}.")
  private int minutes;

  @Option(
      names = "--brief",
      description = "Two changes of each kind; memory is reported but not judged.")
  private boolean brief;

  @Option(
      names = "--rate",
      paramLabel = "CALLS",
      defaultValue = "500",
      description = "Calls per second; ${DEFAULT-VALUE}.")
  private int rate;

  @Option(
      names = "--every",
      paramLabel = "SECONDS",
      defaultValue = "5",
      description = "The time between two changes; ${DEFAULT-VALUE}.")
  private int everySeconds;

  @Option(
      names = "--proxy",
      required = true,
      paramLabel = "COMMAND",
      description = "The command that starts criproxy.")
  private String program = "";

  private final List<ProcessUsage> usage = new ArrayList<>();
  private int handOvers;
  private int restarts;

  private ChangesProgram() {}

  /** Runs the program; exits 0 if no call has failed and the proxy has not grown, 1 otherwise. */
  public static void main(String[] args) {
    System.exit(new CommandLine(new ChangesProgram()).execute(args));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Path folder = Files.createTempDirectory("cri-router-changes");
    try {
      return run(folder) ? 0 : 1;
    } finally {
      try (Stream<Path> files = Files.list(folder)) {
        for (Path file : files.toList()) {
          Files.deleteIfExists(file);
        }
      }
      Files.deleteIfExists(folder);
    }
  }

  private boolean run(Path folder) throws IOException, InterruptedException {
    Path file = folder.resolve("criproxy.yaml");
    Files.writeString(file, config(folder, 0));
    try (RuntimesProcess steady = runtimes(folder, STEADY.get(0), STEADY.get(1), ADDED);
        ChangingProxy proxy = new ChangingProxy(program, file, folder.resolve("log"));
        PacedClients clients =
            new PacedClients(folder.resolve("criproxy.sock"), STEADY, CLIENTS, rate)) {
      long begin = System.nanoTime();
      change(folder, proxy, begin);
      double seconds = (System.nanoTime() - begin) / 1e9;
      long reloads = proxy.reloads();
      clients.end();
      System.out.printf(
          Locale.ROOT,
          "%d calls, %.0f a second; %d reloads, %d hand-overs, %d restarts of a runtime%n",
          clients.calls(),
          clients.calls() / seconds,
          reloads,
          handOvers,
          restarts);
      steady.requireAlive();
      return judge(clients.failures(), reloads);
    }
  }

  private void change(Path folder, ChangingProxy proxy, long begin)
      throws IOException, InterruptedException {
    Duration limit = Duration.ofMinutes(minutes);
    RuntimesProcess restarted = runtimes(folder, RESTARTED);
    try {
      for (int i = 1;
          brief ? i <= BRIEF_CHANGES : System.nanoTime() - begin < limit.toNanos();
          i++) {
        TimeUnit.SECONDS.sleep(everySeconds);
        switch (i % 3) {
          case 1 -> proxy.configure(config(folder, i));
          case 2 -> {
            usage.add(proxy.usage());
            proxy.handOver();
            handOvers++;
          }
          default -> {
            restarted.close();
            restarted = runtimes(folder, RESTARTED);
            restarts++;
          }
        }
      }
    } finally {
      restarted.close();
    }
  }

  /** Configuration {@code number}: a pinned image of that number, and one runtime more if odd. */
  private static String config(Path folder, int number) {
    StringBuilder text = new StringBuilder();
    text.append("listen: ").append(folder.resolve("criproxy.sock")).append('\n');
    text.append("stateFile: ").append(folder.resolve("state")).append('\n');
    text.append("backends:\n");
    for (String name : List.of(STEADY.get(0), STEADY.get(1), RESTARTED)) {
      text.append(backend(folder, name, ", pinnedImages: [pause" + number + "]"));
    }
    if (number % 2 == 1) {
      text.append(backend(folder, ADDED, ""));
    }
    return text.toString();
  }

  private static String backend(Path folder, String name, String more) {
    return "  - {name: " + name + ", endpoint: " + folder.resolve(name + ".sock") + more + "}\n";
  }

  private static RuntimesProcess runtimes(Path folder, String... names) throws IOException {
    return RuntimesProcess.start(HealthyRuntimes.class, folder, List.of(names));
  }

  private boolean judge(long failures, long reloads) {
    double memory = ProcessUsage.maxOfFirstThird(usage, ProcessUsage::residentMib);
    double lastMemory = ProcessUsage.maxOfLastThird(usage, ProcessUsage::residentMib);
    double descriptors = ProcessUsage.maxOfFirstThird(usage, ProcessUsage::descriptors);
    double lastDescriptors = ProcessUsage.maxOfLastThird(usage, ProcessUsage::descriptors);
    System.out.printf(
        Locale.ROOT,
        "memory %.0f -> %.0f MiB, descriptors %.0f -> %.0f, %d failures%n",
        memory,
        lastMemory,
        descriptors,
        lastDescriptors,
        failures);
    boolean isFlat =
        brief
            || (lastMemory <= RESIDENT_GROWTH * memory
                && lastDescriptors <= descriptors + DESCRIPTOR_GROWTH);
    return failures == 0 && isFlat && reloads > 0 && handOvers > 0 && restarts > 0;
  }
}
