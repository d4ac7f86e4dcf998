package io.crirouter.examples.criproxy.logging;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/** A queue of lines to be written, bounded in bytes. Thread-safe. Only the reader waits. */
final class LineQueue {
  /** The memory of a line in addition to its bytes. */
  private static final int OVERHEAD_BYTES = 32;

  private static final byte[] NOTHING = {};

  private final int maxBytes;
  private final int reservedBytes;
  private final LongFunction<byte[]> droppedLine;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Deque<byte[]> lines = new ArrayDeque<>();
  private int bytes;
  private boolean writing;
  private boolean woken;
  private long dropped;
  private long totalDropped;

  /**
   * Creates a queue of {@code maxBytes}.
   *
   * @param reservedBytes more room, for important lines only
   * @param droppedLine formats a line with the number of dropped lines
   */
  LineQueue(int maxBytes, int reservedBytes, LongFunction<byte[]> droppedLine) {
    this.maxBytes = maxBytes;
    this.reservedBytes = reservedBytes;
    this.droppedLine = droppedLine;
  }

  /** Adds a line, or counts it as dropped if there is no room. */
  void add(byte[] line, boolean important) {
    lock.lock();
    try {
      int limit = maxBytes + (important ? reservedBytes : 0);
      byte[] notice = dropped == 0 ? NOTHING : droppedLine.apply(dropped);
      if (bytes + size(notice) + size(line) > limit) {
        dropped++;
        totalDropped++;
        return;
      }
      if (dropped > 0) {
        enqueue(notice);
        dropped = 0;
      }
      enqueue(line);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void enqueue(byte[] line) {
    bytes += size(line);
    lines.add(line);
  }

  private static int size(byte[] line) {
    return line.length + OVERHEAD_BYTES;
  }

  /**
   * Takes the next line. The caller has written the one before.
   *
   * @return null if there is none within {@code limit}, or after {@link #wake}
   */
  byte @Nullable [] next(Duration limit) throws InterruptedException {
    lock.lock();
    try {
      writing = false;
      changed.signalAll();
      long left = limit.toNanos();
      while (lines.isEmpty() && dropped == 0 && !woken && left > 0) {
        left = changed.awaitNanos(left);
      }
      woken = false;
      byte[] line = take();
      writing = line != null;
      return line;
    } finally {
      lock.unlock();
    }
  }

  private byte @Nullable [] take() {
    byte[] line = lines.poll();
    if (line != null) {
      bytes -= size(line);
    } else if (dropped > 0) {
      line = droppedLine.apply(dropped);
      dropped = 0;
    }
    return line;
  }

  /** The number of lines that were dropped since the start. */
  long totalDropped() {
    lock.lock();
    try {
      return totalDropped;
    } finally {
      lock.unlock();
    }
  }

  /** Makes the present or the next call of {@link #next} return. */
  void wake() {
    lock.lock();
    try {
      woken = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Waits until all lines are written. Returns false if they are not within {@code limit}. */
  boolean awaitEmpty(Duration limit) throws InterruptedException {
    lock.lock();
    try {
      long left = limit.toNanos();
      while (writing || dropped > 0 || !lines.isEmpty()) {
        if (left <= 0) {
          return false;
        }
        left = changed.awaitNanos(left);
      }
      return true;
    } finally {
      lock.unlock();
    }
  }
}
