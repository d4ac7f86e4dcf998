package io.crirouter.core.internal.wire;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;

/** Writes the fields of one message. Defaults are left out, as proto3 does. Not thread-safe. */
public final class WireWriter {
  private static final int MAP_KEY = 1;
  private static final int MAP_VALUE = 2;

  private final ByteString.Output bytes = ByteString.newOutput();
  private final CodedOutputStream out = CodedOutputStream.newInstance(bytes, 512);

  /** Writes one field; the stream is in memory and cannot fail. */
  private interface Step {
    void write(CodedOutputStream out) throws IOException;
  }

  /** A string field, left out if empty. */
  public WireWriter string(int field, String value) {
    return value.isEmpty() ? this : element(field, value);
  }

  /** One value of a repeated string field. */
  public WireWriter element(int field, String value) {
    return step(o -> o.writeString(field, value));
  }

  /** An integer, bool or enum field, left out if 0. */
  public WireWriter number(int field, long value) {
    return value == 0 ? this : step(o -> o.writeInt64(field, value));
  }

  /** A bool field, left out if false. */
  public WireWriter flag(int field, boolean value) {
    return number(field, value ? 1 : 0);
  }

  /** A message (or one of several), present even if empty. */
  public WireWriter message(int field, ByteString value) {
    return step(o -> o.writeBytes(field, value));
  }

  /**
   * The values of a repeated message field, or the entries of a map, that are serialized already.
   */
  public WireWriter messages(int field, List<ByteString> values) {
    values.forEach(value -> message(field, value));
    return this;
  }

  /** A {@code map<string, string>} field. */
  public WireWriter stringMap(int field, Map<String, String> map) {
    map.forEach((key, value) -> message(field, mapEntry(key, value)));
    return this;
  }

  /** One serialized entry of a {@code map<string, string>} field. */
  public static ByteString mapEntry(String key, String value) {
    return new WireWriter().element(MAP_KEY, key).element(MAP_VALUE, value).toByteString();
  }

  /** Fields that are serialized already. */
  public WireWriter raw(ByteString fields) {
    return step(o -> o.writeRawBytes(fields));
  }

  /** The message so far. */
  public ByteString toByteString() {
    step(CodedOutputStream::flush);
    return bytes.toByteString();
  }

  private WireWriter step(Step step) {
    try {
      step.write(out);
    } catch (IOException e) {
      throw new UncheckedIOException("memory does no I/O", e);
    }
    return this;
  }
}
