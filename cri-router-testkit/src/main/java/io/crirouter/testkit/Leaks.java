package io.crirouter.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/**
 * Collects what a test leaked, so that one failure names all of it. Threads and calls that are
 * still ending get a grace period.
 */
final class Leaks {
  private static final Duration PAUSE = Duration.ofMillis(2);
  private static final String THREAD_NAME_PREFIX = "cri-router";

  private final Duration gracePeriod;
  private final List<String> found = new ArrayList<>();

  /**
   * An empty collection.
   *
   * @param gracePeriod how long threads and calls may take to end before they count as leaked
   */
  Leaks(Duration gracePeriod) {
    this.gracePeriod = gracePeriod;
  }

  /** The live threads of cri-router. */
  static Set<Thread> threads() {
    Set<Thread> threads = new HashSet<>(Thread.getAllStackTraces().keySet());
    threads.removeIf(thread -> !thread.getName().startsWith(THREAD_NAME_PREFIX));
    return threads;
  }

  /** Adds the threads that are not in {@code known}. */
  void threadsBeyond(Set<Thread> known) {
    boolean unused = await(gracePeriod, () -> known.containsAll(threads()));
    Set<Thread> more = threads();
    more.removeAll(known);
    more.forEach(thread -> found.add("thread " + thread.getName()));
  }

  /** Adds the open calls and cancels them, so that only one test fails because of them. */
  void calls(Map<String, OpenCalls> byPlace) {
    boolean unused =
        await(
            gracePeriod, () -> byPlace.values().stream().allMatch(calls -> calls.rpcs().isEmpty()));
    byPlace.forEach(
        (place, calls) ->
            calls.rpcs().forEach(rpc -> found.add("call " + rpc + " open at " + place)));
    byPlace.values().forEach(OpenCalls::cancel);
  }

  /** Closes {@code resource}, and adds it if that fails. */
  void close(AutoCloseable resource) {
    try {
      resource.close();
    } catch (Exception e) {
      found.add(resource + ", which does not close: " + e);
    }
  }

  /** Adds all files in {@code folder} except lock files, and deletes the folder. */
  void filesIn(Path folder) throws IOException {
    List<Path> files;
    try (Stream<Path> tree = Files.walk(folder)) {
      files = tree.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path file : files) {
      boolean expected = Files.isDirectory(file) || file.toString().endsWith(".lock");
      if (!expected) {
        found.add("file " + file);
      }
      Files.delete(file);
    }
  }

  /** Waits until {@code condition} holds; false if it has not done so within {@code limit}. */
  static boolean await(Duration limit, BooleanSupplier condition) {
    long deadline = System.nanoTime() + limit.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - deadline > 0 || Thread.currentThread().isInterrupted()) {
        return false;
      }
      LockSupport.parkNanos(PAUSE.toNanos());
    }
    return true;
  }

  /**
   * Fails if anything leaked.
   *
   * @throws AssertionError that names all leaks
   */
  void report() {
    if (!found.isEmpty()) {
      throw new AssertionError("the test leaked:\n  " + String.join("\n  ", found));
    }
  }
}
