package io.crirouter.core.internal.wire;

import com.google.protobuf.ByteOutput;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A message's bytes as one array range, taken from a {@link ByteString} without a copy where it is
 * backed by one array. The array must not be changed.
 *
 * @param array the array
 * @param start the first byte
 * @param end after the last byte
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record WireBytes(byte[] array, int start, int end) {

  static WireBytes of(ByteString bytes) {
    Range range = new Range();
    try {
      UnsafeByteOperations.unsafeWriteTo(bytes, range);
    } catch (IOException e) {
      throw new UncheckedIOException("a range in memory does no I/O", e);
    }
    WireBytes found = range.found;
    if (found != null && found.end - found.start == bytes.size()) {
      return found;
    }
    byte[] copy = bytes.toByteArray();
    return new WireBytes(copy, 0, copy.length);
  }

  /**
   * The array as an immutable ByteString, without a copy. The caller must not use the array
   * afterwards.
   */
  static ByteString own(byte[] array) {
    return UnsafeByteOperations.unsafeWrap(array);
  }

  static ByteString slice(byte[] array, int start, int end) {
    return UnsafeByteOperations.unsafeWrap(array, start, end - start);
  }

  static String text(byte[] array, int start, int end) {
    return new String(array, start, end - start, StandardCharsets.UTF_8);
  }

  /** Keeps the first array range that is written to it. */
  private static final class Range extends ByteOutput {
    private @Nullable WireBytes found;

    @Override
    public void write(byte value) {}

    @Override
    public void write(byte[] value, int offset, int length) {
      writeLazy(value, offset, length);
    }

    @Override
    public void writeLazy(byte[] value, int offset, int length) {
      if (found == null) {
        found = new WireBytes(value, offset, offset + length);
      }
    }

    @Override
    public void write(ByteBuffer value) {
      writeLazy(value);
    }

    @Override
    public void writeLazy(ByteBuffer value) {
      if (value.hasArray()) {
        int offset = value.arrayOffset() + value.position();
        writeLazy(value.array(), offset, value.remaining());
      }
    }
  }
}
