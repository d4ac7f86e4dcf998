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
 * What a test left behind. What may still be on its way out gets a moment; the rest is collected,
 * so that one failure names all of it.
 */
final class Leaks {
  private static final Duration PAUSE = Duration.ofMillis(2);
  private static final String OUR_THREADS = "cri-router";

  private final Duration patience;
  private final List<String> found = new ArrayList<>();

  /** Nothing found yet; what is on its way out gets {@code patience}. */
  Leaks(Duration patience) {
    this.patience = patience;
  }

  /** The threads of cri-router that live now. */
  static Set<Thread> threads() {
    Set<Thread> ours = new HashSet<>(Thread.getAllStackTraces().keySet());
    ours.removeIf(thread -> !thread.getName().startsWith(OUR_THREADS));
    return ours;
  }

  /** Looks for threads that were not {@code known}. */
  void threadsBeyond(Set<Thread> known) {
    boolean unused = await(patience, () -> known.containsAll(threads()));
    Set<Thread> more = threads();
    more.removeAll(known);
    more.forEach(thread -> found.add("thread " + thread.getName()));
  }

  /** Looks for calls that go on, and ends them, so that they are held against one test only. */
  void calls(Map<String, OpenCalls> byPlace) {
    boolean unused =
        await(patience, () -> byPlace.values().stream().allMatch(calls -> calls.rpcs().isEmpty()));
    byPlace.forEach(
        (place, calls) ->
            calls.rpcs().forEach(rpc -> found.add("call " + rpc + " open at " + place)));
    byPlace.values().forEach(OpenCalls::cancel);
  }

  /** Closes what has to close without a failure. */
  void close(AutoCloseable resource) {
    try {
      resource.close();
    } catch (Exception e) {
      found.add(resource + ", which does not close: " + e);
    }
  }

  /**
   * Looks for sockets and anything else but lock files, and deletes {@code folder} all the same.
   */
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
   * Fails if there was anything.
   *
   * @throws AssertionError naming all of it
   */
  void report() {
    if (!found.isEmpty()) {
      throw new AssertionError("the test leaked:\n  " + String.join("\n  ", found));
    }
  }
}
