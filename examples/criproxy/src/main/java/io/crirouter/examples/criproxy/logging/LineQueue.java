package io.crirouter.examples.criproxy.logging;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/** Lines that wait to be written, bounded in bytes. Thread-safe; only its reader ever waits. */
final class LineQueue {
  /** What a line costs besides its bytes. */
  private static final int OVERHEAD_BYTES = 32;

  private static final byte[] NOTHING = {};

  private final int maxBytes;
  private final int reservedBytes;
  private final LongFunction<byte[]> remarks;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Deque<byte[]> lines = new ArrayDeque<>();
  private int bytes;
  private boolean writing;
  private boolean woken;
  private long dropped;
  private long droppedInAll;

  /**
   * A queue of {@code maxBytes}.
   *
   * @param reservedBytes what important lines can have besides
   * @param remarks makes the line that says how many were dropped
   */
  LineQueue(int maxBytes, int reservedBytes, LongFunction<byte[]> remarks) {
    this.maxBytes = maxBytes;
    this.reservedBytes = reservedBytes;
    this.remarks = remarks;
  }

  /** Adds a line, or counts it as dropped if there is no room. */
  void add(byte[] line, boolean important) {
    lock.lock();
    try {
      int limit = maxBytes + (important ? reservedBytes : 0);
      byte[] remark = dropped == 0 ? NOTHING : remark();
      if (bytes + size(remark) + size(line) > limit) {
        dropped++;
        droppedInAll++;
        return;
      }
      if (dropped > 0) {
        enqueue(remark);
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

  private byte[] remark() {
    return remarks.apply(dropped);
  }

  /**
   * The next line to be written; the one before is written by now.
   *
   * @return null if there is none within {@code limit}, or because of {@link #wake}
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
      line = remark();
      dropped = 0;
    }
    return line;
  }

  /** How many lines were dropped since the start. */
  long droppedInAll() {
    lock.lock();
    try {
      return droppedInAll;
    } finally {
      lock.unlock();
    }
  }

  /** Makes {@link #next} return, now or the next time. */
  void wake() {
    lock.lock();
    try {
      woken = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Waits until all is written; returns whether it is. */
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
