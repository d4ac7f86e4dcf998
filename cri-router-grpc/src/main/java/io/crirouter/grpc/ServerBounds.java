package io.crirouter.grpc;

import io.crirouter.core.CriMethod;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/** What the calls of all clients of one server hold now, against its {@link ServerLimits}. */
final class ServerBounds {
  /** Answers below this are not worth a thought: the number of calls bounds them. */
  static final int SMALL_BYTES = 4 << 10;

  /** An answer beyond this is expected to be as large the next time. */
  private static final int LARGE_BYTES = 64 << 10;

  /**
   * What an answer to a list is taken to be before there was one: the memory would be full before
   * the first of many lists at once had shown how long they are.
   */
  private static final int FIRST_LIST_BYTES = 2 << 20;

  /** What each connection may hold of either, whatever the others do. */
  private static final int GUARANTEED_BYTES = 256 << 10;

  private final ServerLimits limits;
  private final LongSupplier nanoTime;
  private final Budget requests;
  private final Budget answers;
  private final LongAdder refusedCalls = new LongAdder();
  private final LongAdder closedConnections = new LongAdder();

  /** The length of the last answer to each rpc that was large; 0 for a list that was not. */
  private final Map<CriMethod, Integer> lastAnswers = new ConcurrentHashMap<>();

  ServerBounds(ServerLimits limits, LongSupplier nanoTime) {
    this.limits = limits;
    this.nanoTime = nanoTime;
    this.requests =
        new Budget(
            GUARANTEED_BYTES, limits.requestBytesPerConnection(), limits.requestBytes(), nanoTime);
    this.answers =
        new Budget(
            GUARANTEED_BYTES, limits.unreadBytesPerConnection(), limits.unreadBytes(), nanoTime);
  }

  ServerLimits limits() {
    return limits;
  }

  Budget requests() {
    return requests;
  }

  Budget answers() {
    return answers;
  }

  /** A call is ended, because it would take too much. */
  void refusedCall() {
    refusedCalls.increment();
  }

  long refusedCalls() {
    return refusedCalls.sum();
  }

  /** A connection is ended, because it has taken too much. */
  void closedConnection() {
    closedConnections.increment();
  }

  long closedConnections() {
    return closedConnections.sum();
  }

  long now() {
    return nanoTime.getAsLong();
  }

  /**
   * How large an answer to {@code method} is expected to be, all messages together, or 0 if it is
   * not large.
   */
  int expectedBytes(CriMethod method) {
    Integer last = lastAnswers.get(method);
    if (last == null) {
      return isList(method) ? FIRST_LIST_BYTES : 0;
    }
    return last;
  }

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

  /** Whether the messages of a stream are one list, which the backend may have made as a whole. */
  static boolean isStreamedList(CriMethod method) {
    return method.name().startsWith("Stream");
  }
}
