package io.crirouter.examples.bench.core;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Runs every benchmark briefly. Fails if one allocates more than its bound, or if its result is not
 * exact to the byte. Times are ignored.
 *
 * <p>It runs with C1 only, as the proxy does. C1 never removes an allocation, so the figures do not
 * depend on how long a benchmark has run.
 */
public final class AllocationBounds {
  private static final String ALLOCATED = "gc.alloc.rate.norm";

  /** The tolerance in bytes per operation; added to {@link #TOLERANCE}. */
  private static final double TOLERANCE_BYTES = 16;

  /** The tolerance as a fraction of the bound. */
  private static final double TOLERANCE = 0.01;

  private AllocationBounds() {}

  /**
   * Checks the bounds, or replaces the file.
   *
   * @param args the file with the bounds, then optionally {@code --update}
   */
  public static void main(String[] args) throws IOException, RunnerException {
    Path file = Path.of(args[0]);
    Map<String, Double> measured = measure();
    if (args.length > 1 && args[1].equals("--update")) {
      write(file, measured);
      return;
    }
    List<String> violations = compare(read(file), measured);
    violations.forEach(System.out::println);
    if (!violations.isEmpty()) {
      System.out.println(
          "To accept this, update the bounds and commit them with the reason:"
              + " examples/bench/run allocations --update");
      System.exit(1);
    }
    System.out.println(measured.size() + " benchmarks are exact and within their bounds");
  }

  private static Map<String, Double> measure() throws RunnerException {
    OptionsBuilder options = new OptionsBuilder();
    options
        .include(AllocationBounds.class.getPackageName() + ".*Benchmark")
        .addProfiler(GCProfiler.class)
        .jvmArgsAppend("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
        .forks(1)
        .warmupIterations(1)
        .warmupTime(TimeValue.milliseconds(200))
        .measurementIterations(1)
        .measurementTime(TimeValue.milliseconds(400))
        .shouldFailOnError(true)
        .verbosity(VerboseMode.SILENT);
    Map<String, Double> measured = new TreeMap<>();
    for (RunResult result : new Runner(options.build()).run()) {
      Result<?> allocated = requireNonNull(result.getSecondaryResults().get(ALLOCATED));
      measured.put(name(result), allocated.getScore());
      System.out.printf(Locale.ROOT, "%,12.0f  %s%n", allocated.getScore(), name(result));
    }
    return measured;
  }

  private static String name(RunResult result) {
    String name = result.getParams().getBenchmark();
    String parameters =
        result.getParams().getParamsKeys().stream()
            .map(key -> result.getParams().getParam(key))
            .collect(Collectors.joining(" "));
    String type = name.substring(0, name.lastIndexOf('.'));
    return type.substring(type.lastIndexOf('.') + 1) + " " + parameters;
  }

  private static List<String> compare(Map<String, Double> bounds, Map<String, Double> measured) {
    List<String> violations = new ArrayList<>();
    measured.forEach(
        (name, bytes) -> {
          Double bound = bounds.get(name);
          if (bound == null) {
            violations.add(name + " has no bound yet");
          } else if (bytes > bound * (1 + TOLERANCE) + TOLERANCE_BYTES) {
            violations.add(
                String.format(
                    Locale.ROOT, "%s allocates %.0f bytes instead of %.0f", name, bytes, bound));
          }
        });
    bounds.keySet().stream()
        .filter(name -> !measured.containsKey(name))
        .forEach(name -> violations.add(name + " has a bound and no benchmark"));
    return violations;
  }

  private static Map<String, Double> read(Path file) throws IOException {
    Map<String, Double> bounds = new TreeMap<>();
    for (String line : Files.readAllLines(file)) {
      if (!line.startsWith("#")) {
        int tab = line.indexOf('\t');
        bounds.put(line.substring(tab + 1), Double.valueOf(line.substring(0, tab)));
      }
    }
    return bounds;
  }

  private static void write(Path file, Map<String, Double> measured) throws IOException {
    List<String> lines = new ArrayList<>();
    lines.add("# Bytes that one operation may allocate; written by: run allocations --update");
    measured.forEach((name, bytes) -> lines.add(Math.round(bytes) + "\t" + name));
    Files.write(file, lines);
  }
}
