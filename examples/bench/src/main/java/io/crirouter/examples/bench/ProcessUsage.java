package io.crirouter.examples.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/**
 * What a process holds at one moment, from {@code /proc}.
 *
 * @param residentMib {@code VmRSS}
 * @param descriptors the number of open files
 */
public record ProcessUsage(double residentMib, int descriptors) {
  /** The usage of the process {@code pid}, which must be alive. */
  public static ProcessUsage of(long pid) throws IOException {
    try (Stream<Path> descriptors = Files.list(folder(pid).resolve("fd"))) {
      return new ProcessUsage(residentKib(pid) / 1024.0, (int) descriptors.count());
    }
  }

  /** {@code VmRSS} of the process {@code pid} in KiB; 0 if it has ended and is not reaped. */
  public static long residentKib(long pid) throws IOException {
    for (String line : Files.readAllLines(folder(pid).resolve("status"))) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("[^0-9]", ""));
      }
    }
    return 0;
  }

  private static Path folder(long pid) {
    return Path.of("/proc/" + pid);
  }

  /** The maximum of {@code figure} in the first third of {@code usage}. */
  public static double maxOfFirstThird(
      List<ProcessUsage> usage, ToDoubleFunction<ProcessUsage> figure) {
    return max(usage.subList(0, third(usage)), figure);
  }

  /** The maximum of {@code figure} in the last third of {@code usage}. */
  public static double maxOfLastThird(
      List<ProcessUsage> usage, ToDoubleFunction<ProcessUsage> figure) {
    return max(usage.subList(usage.size() - third(usage), usage.size()), figure);
  }

  /** The maximum of {@code figure}; 0 without usage. */
  public static double max(List<ProcessUsage> usage, ToDoubleFunction<ProcessUsage> figure) {
    return usage.stream().mapToDouble(figure).max().orElse(0);
  }

  private static int third(List<ProcessUsage> usage) {
    return Math.min(usage.size(), Math.max(1, usage.size() / 3));
  }
}
