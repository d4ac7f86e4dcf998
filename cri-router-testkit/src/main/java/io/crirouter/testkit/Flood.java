package io.crirouter.testkit;

import com.google.protobuf.ByteString;
import io.crirouter.core.CriMethod;
import java.time.Duration;

/**
 * How much a runtime answers that does not know where to stop. The filler is a field that no
 * version of CRI has, so that every message stays what it is; all of its copies share one buffer.
 */
final class Flood {
  /** More than any collected answer may have, which is 64 MiB. */
  private static final int UNARY_BYTES = 65 << 20;

  private static final int CHUNK_BYTES = 1 << 20;
  private static final int UNKNOWN_FIELD = 15_000;
  private static final ByteString CHUNK = ByteString.copyFrom(new byte[CHUNK_BYTES]);
  private static final ByteString CHUNK_FIELD = MalformedAnswers.field(UNKNOWN_FIELD, CHUNK);
  private static final ByteString UNARY_FIELD =
      MalformedAnswers.field(UNKNOWN_FIELD, repeated(CHUNK, UNARY_BYTES / CHUNK_BYTES));

  /** Between two bursts of a stream; without any, a flood would hold up a simulated clock. */
  static final Duration PAUSE = Duration.ofMillis(10);

  /** Messages of a stream at once: 16 MiB of a list, or some events. */
  private static final int CHUNKS_AT_ONCE = 16;

  private static final int EVENTS_AT_ONCE = 100;

  private Flood() {}

  private static ByteString repeated(ByteString piece, int count) {
    ByteString all = ByteString.EMPTY;
    for (int i = 0; i < count; i++) {
      all = all.concat(piece);
    }
    return all;
  }

  private static boolean isEvents(CriMethod method) {
    return method.name().equals("GetContainerEvents");
  }

  /** What is added to each message; events are many, not large. */
  static ByteString filler(CriMethod method) {
    if (isEvents(method)) {
      return ByteString.EMPTY;
    }
    return method.serverStreaming() ? CHUNK_FIELD : UNARY_FIELD;
  }

  /** How many messages of a stream come at once. */
  static int burst(CriMethod method) {
    return isEvents(method) ? EVENTS_AT_ONCE : CHUNKS_AT_ONCE;
  }
}
