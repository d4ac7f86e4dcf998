package io.crirouter.testkit;

import com.google.protobuf.ByteString;
import io.crirouter.core.CriMethod;
import java.time.Duration;

/**
 * Sizes of oversized responses. The filler is a field that no version of CRI has, so that messages
 * stay valid. All copies share one buffer.
 */
final class Flood {
  /** Above the router's limit for a collected response, which is 64 MiB. */
  private static final int UNARY_BYTES = 65 << 20;

  private static final int CHUNK_BYTES = 1 << 20;
  private static final int UNKNOWN_FIELD = 15_000;
  private static final ByteString CHUNK = ByteString.copyFrom(new byte[CHUNK_BYTES]);
  private static final ByteString CHUNK_FIELD = MalformedAnswers.field(UNKNOWN_FIELD, CHUNK);
  private static final ByteString UNARY_FIELD =
      MalformedAnswers.field(UNKNOWN_FIELD, repeated(CHUNK, UNARY_BYTES / CHUNK_BYTES));

  /** The time between two bursts. Without it a simulated clock would not advance. */
  static final Duration PAUSE = Duration.ofMillis(10);

  /** Messages of a burst: 16 MiB of a list. */
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

  /** The filler of each message. Events are not enlarged. */
  static ByteString filler(CriMethod method) {
    if (isEvents(method)) {
      return ByteString.EMPTY;
    }
    return method.serverStreaming() ? CHUNK_FIELD : UNARY_FIELD;
  }

  /** The number of messages in a burst. */
  static int burst(CriMethod method) {
    return isEvents(method) ? EVENTS_AT_ONCE : CHUNKS_AT_ONCE;
  }
}
