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
 * backed by one array. The array must not be changed. Immutable once {@link #of} has returned it.
 */
final class WireBytes extends ByteOutput {
  private static final byte[] NONE = {};

  private byte[] array = NONE;
  private int start;
  private int end;

  private WireBytes() {}

  static WireBytes of(ByteString bytes) {
    WireBytes range = inPlace(bytes);
    if (range == null) {
      range = new WireBytes();
      range.writeLazy(bytes.toByteArray(), 0, bytes.size());
    }
    return range;
  }

  /** The same without a copy; null if the message is not backed by one array. */
  static @Nullable WireBytes inPlace(ByteString bytes) {
    WireBytes range = new WireBytes();
    try {
      UnsafeByteOperations.unsafeWriteTo(bytes, range);
    } catch (IOException e) {
      throw new UncheckedIOException("a range in memory does no I/O", e);
    }
    return range.end - range.start == bytes.size() ? range : null;
  }

  /** The array. */
  byte[] array() {
    return array;
  }

  /** The first byte. */
  int start() {
    return start;
  }

  /** After the last byte. */
  int end() {
    return end;
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

  @Override
  public void write(byte value) {}

  @Override
  public void write(byte[] value, int offset, int length) {
    writeLazy(value, offset, length);
  }

  /** Keeps the first array range only. */
  @Override
  public void writeLazy(byte[] value, int offset, int length) {
    if (array == NONE) {
      array = value;
      start = offset;
      end = offset + length;
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
