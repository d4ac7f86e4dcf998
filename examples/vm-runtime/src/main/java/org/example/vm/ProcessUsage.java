package org.example.vm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * The resource usage of a process, from /proc; see proc_pid_stat(5).
 *
 * @param cpuNanos CPU time in user and kernel mode
 */
record ProcessUsage(long cpuNanos, long residentBytes) {
  /** A tick in /proc is a hundredth of a second on x86. */
  private static final long NANOS_OF_A_TICK = TimeUnit.MILLISECONDS.toNanos(10);

  private static final long PAGE_BYTES = 4096;

  // Indices from the state, which is the first field after the name.
  private static final int USER_TICKS = 11;
  private static final int KERNEL_TICKS = 12;
  private static final int RESIDENT_PAGES = 21;

  static ProcessUsage of(long pid) throws IOException {
    return parse(Files.readString(Path.of("/proc", String.valueOf(pid), "stat")));
  }

  /** The name of a process, in parentheses, may contain anything. */
  static ProcessUsage parse(String stat) {
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    return new ProcessUsage(
        (Long.parseLong(fields[USER_TICKS]) + Long.parseLong(fields[KERNEL_TICKS]))
            * NANOS_OF_A_TICK,
        Long.parseLong(fields[RESIDENT_PAGES]) * PAGE_BYTES);
  }
}
