package io.crirouter.core.internal.wire;

import com.google.protobuf.ByteString;
import java.util.Arrays;

/**
 * Compares two messages, with or without regard to the order of their fields. Go writes the entries
 * of a map in random order, so that two equal responses of one runtime differ in bytes.
 */
public final class ContentDigest {
  private static final long PRIME = 0x9E3779B97F4A7C15L;

  private ContentDigest() {}

  /** Whether both are the same bytes; for long messages much faster than {@link Object#equals}. */
  public static boolean areSame(ByteString one, ByteString other) {
    WireBytes bytes = WireBytes.inPlace(other);
    return one.size() == other.size()
        && (bytes == null
            ? one.equals(other)
            : endsWith(one, bytes.array(), bytes.start(), bytes.end()));
  }

  /** Whether the last bytes of {@code message} are {@code end}. */
  public static boolean endsWith(ByteString message, byte[] end) {
    return message.size() >= end.length && endsWith(message, end, 0, end.length);
  }

  private static boolean endsWith(ByteString message, byte[] end, int from, int to) {
    WireBytes bytes = WireBytes.inPlace(message);
    return bytes == null
        ? message.endsWith(WireBytes.slice(end, from, to))
        : Arrays.equals(bytes.array(), bytes.end() - (to - from), bytes.end(), end, from, to);
  }

  /**
   * Whether both have the same fields with the same values, in any order.
   *
   * @param nested the number of a message field in which the order does not matter either, 0 for
   *     none
   */
  public static boolean areEqual(ByteString one, ByteString other, int nested)
      throws MalformedMessageException {
    return one.size() == other.size()
        && (areSame(one, other)
            || digest(new WireCursor(WireBytes.of(one)), nested)
                == digest(new WireCursor(WireBytes.of(other)), nested));
  }

  /** A sum of hashes, which is the same in any order. */
  private static long digest(WireCursor cursor, int nested) throws MalformedMessageException {
    long sum = 0;
    while (cursor.next()) {
      if (cursor.field() == nested && cursor.type() == WireCursor.LEN) {
        int outer = cursor.enter();
        sum += mix(digest(cursor, 0) + nested);
        cursor.leave(outer);
      } else {
        sum += hash(cursor.buffer, cursor.tagStart(), cursor.valueEnd());
      }
    }
    return sum;
  }

  private static long hash(byte[] bytes, int start, int end) {
    long hash = (long) end - start;
    for (int i = start; i < end; i++) {
      hash = (hash ^ bytes[i]) * PRIME;
    }
    return mix(hash);
  }

  private static long mix(long value) {
    long mixed = (value ^ (value >>> 32)) * PRIME;
    return mixed ^ (mixed >>> 29);
  }
}
