package io.crirouter.examples.bench.load;

import io.crirouter.examples.bench.ProcessUsage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The CPU time and memory of a process and its children, from {@code /proc}.
 *
 * @param threadNanos CPU time of each live thread, from {@code schedstat}
 * @param tickNanos CPU time of the processes with their ended threads, in steps of 10 ms
 * @param residentKib {@code VmRSS}
 */
record ProcessCost(Map<String, Long> threadNanos, long tickNanos, long residentKib) {
  private static final long NANOS_PER_TICK = 10_000_000;
  private static final int USER_TICKS = 11;

  /** The cost of this process without its children. */
  static ProcessCost ofThis() {
    return of(Stream.of(ProcessHandle.current()));
  }

  /** The cost of a process and all its children. */
  static ProcessCost of(ProcessHandle root) {
    return of(Stream.concat(Stream.of(root), root.descendants()));
  }

  private static ProcessCost of(Stream<ProcessHandle> processes) {
    List<Long> pids = processes.map(ProcessHandle::pid).toList();
    Map<String, Long> threads = new HashMap<>();
    long ticks = 0;
    long resident = 0;
    try {
      for (long pid : pids) {
        Path proc = Path.of("/proc/" + pid);
        readThreads(proc, threads);
        String stat = Files.readString(proc.resolve("stat"));
        String[] afterName = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        ticks += Long.parseLong(afterName[USER_TICKS]) + Long.parseLong(afterName[USER_TICKS + 1]);
        resident += ProcessUsage.residentKib(pid);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("a process under test has ended", e);
    }
    return new ProcessCost(threads, ticks * NANOS_PER_TICK, resident);
  }

  private static void readThreads(Path proc, Map<String, Long> threads) throws IOException {
    try (Stream<Path> tasks = Files.list(proc.resolve("task"))) {
      for (Path task : tasks.toList()) {
        try {
          String schedstat = Files.readString(task.resolve("schedstat"));
          threads.put(
              task.toString(), Long.parseLong(schedstat.substring(0, schedstat.indexOf(' '))));
        } catch (NoSuchFileException e) {
          threads.remove(task.toString()); // The thread has ended.
        }
      }
    }
  }

  /** CPU time since {@code before}, in milliseconds. In steps of 10 ms if a thread has ended. */
  double cpuMillisSince(ProcessCost before) {
    if (!threadNanos.keySet().containsAll(before.threadNanos.keySet())) {
      return (tickNanos - before.tickNanos) / 1e6;
    }
    long now = threadNanos.values().stream().mapToLong(Long::longValue).sum();
    long earlier = before.threadNanos.values().stream().mapToLong(Long::longValue).sum();
    return (now - earlier) / 1e6;
  }

  double residentMib() {
    return residentKib / 1024.0;
  }
}
