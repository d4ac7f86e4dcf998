package io.crirouter.grpc;

import io.crirouter.core.CriMethod;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/** Counts what the calls of all clients of one server hold, against its {@link ServerLimits}. */
final class ServerBounds {
  /** Shorter answers are not counted. The number of calls bounds them. */
  static final int SMALL_BYTES = 4 << 10;

  /** An answer of at least this size is expected to be as large the next time. */
  private static final int LARGE_BYTES = 64 << 10;

  /**
   * The expected size of the first answer to a list rpc. Many lists at once would otherwise fill
   * the memory before the first answer shows the actual size.
   */
  private static final int FIRST_LIST_BYTES = 2 << 20;

  /** What each connection may hold of each budget, whatever the others hold. */
  private static final int GUARANTEED_BYTES = 256 << 10;

  private final LongSupplier nanoTime;
  private final Budget requests;
  private final Budget answers;
  private final LongAdder refusedCalls = new LongAdder();
  private final LongAdder closedConnections = new LongAdder();

  /** The size of the last answer by rpc, if it was large; 0 for a list that was not. */
  private final Map<CriMethod, Integer> lastAnswers = new ConcurrentHashMap<>();

  ServerBounds(ServerLimits limits, LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.requests =
        new Budget(
            GUARANTEED_BYTES, limits.requestBytesPerConnection(), limits.requestBytes(), nanoTime);
    this.answers =
        new Budget(
            GUARANTEED_BYTES, limits.unreadBytesPerConnection(), limits.unreadBytes(), nanoTime);
  }

  Budget requests() {
    return requests;
  }

  Budget answers() {
    return answers;
  }

  /** Counts a call that ended because of a limit. */
  void refusedCall() {
    refusedCalls.increment();
  }

  long refusedCalls() {
    return refusedCalls.sum();
  }

  /** Counts a connection that was closed because of a limit. */
  void closedConnection() {
    closedConnections.increment();
  }

  long closedConnections() {
    return closedConnections.sum();
  }

  long now() {
    return nanoTime.getAsLong();
  }

  /** The expected size of an answer to {@code method}, all messages together; 0 if not large. */
  int expectedBytes(CriMethod method) {
    Integer last = lastAnswers.get(method);
    if (last == null) {
      return isList(method) ? FIRST_LIST_BYTES : 0;
    }
    return last;
  }

  /** Records the size of an answer. */
  void answered(CriMethod method, long bytes) {
    if (bytes >= LARGE_BYTES || isList(method)) {
      int large = (int) Math.min(bytes, Integer.MAX_VALUE);
      lastAnswers.put(method, bytes >= LARGE_BYTES ? large : 0);
    } else if (!lastAnswers.isEmpty()) {
      lastAnswers.remove(method);
    }
  }

  private static boolean isList(CriMethod method) {
    return method.name().startsWith("List") || isStreamedList(method);
  }

  /** Whether the messages of a stream are one list, which the backend may hold as a whole. */
  static boolean isStreamedList(CriMethod method) {
    return method.name().startsWith("Stream");
  }
}
