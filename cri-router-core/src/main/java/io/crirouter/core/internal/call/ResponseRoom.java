package io.crirouter.core.internal.call;

import java.util.concurrent.atomic.AtomicLong;

/**
 * How many bytes of responses of one runtime are kept at the same time to be merged with others.
 * The limit on a single response bounds no memory if there are many. Thread-safe.
 */
public final class ResponseRoom {
  private static final int MAX_MEBIBYTES = 16;

  private final AtomicLong held = new AtomicLong();

  boolean take(long bytes) {
    if (held.addAndGet(bytes) <= (long) MAX_MEBIBYTES << 20) {
      return true;
    }
    free(bytes);
    return false;
  }

  void free(long bytes) {
    held.addAndGet(-bytes);
  }

  static String exceeded() {
    return "its answers under way are longer than "
        + MAX_MEBIBYTES
        + " MiB together, which is all that is taken";
  }
}
