package io.crirouter.grpc;

import io.crirouter.core.CriMethod;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/** What the calls of all clients of one server hold now, against its {@link ServerLimits}. */
final class ServerBounds {
  /** Answers below this are not worth a thought: the number of calls bounds them. */
  static final int SMALL_BYTES = 4 << 10;

  /** An answer beyond this is expected to be as large the next time. */
  private static final int LARGE_BYTES = 64 << 10;

  /** What each connection may hold of either, whatever the others do. */
  private static final int GUARANTEED_BYTES = 256 << 10;

  private final ServerLimits limits;
  private final LongSupplier nanoTime;
  private final Budget requests;
  private final Budget answers;
  private final Map<CriMethod, Integer> largeAnswers = new ConcurrentHashMap<>();

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

  long now() {
    return nanoTime.getAsLong();
  }

  /** How large the last answer to {@code method} was, or 0 if it was not large. */
  int expectedBytes(CriMethod method) {
    return largeAnswers.getOrDefault(method, 0);
  }

  void answered(CriMethod method, int bytes) {
    if (bytes >= LARGE_BYTES) {
      largeAnswers.put(method, bytes);
    } else if (!largeAnswers.isEmpty()) {
      largeAnswers.remove(method);
    }
  }
}
