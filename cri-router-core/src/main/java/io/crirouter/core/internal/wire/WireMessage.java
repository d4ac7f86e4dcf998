package io.crirouter.core.internal.wire;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One message, split into its fields but not decoded. Accessors follow proto3: the last of several
 * scalars wins, several occurrences of a singular message are merged, an absent field has its
 * default. A field of an unexpected wire type counts as absent. Immutable.
 */
public final class WireMessage {
  /** A message without fields. */
  public static final WireMessage EMPTY =
      new WireMessage(WireBytes.of(ByteString.EMPTY), new int[0], 0);

  private static final int INTS_PER_FIELD = 5;

  /**
   * More than the items of any list of a node; a hostile message could have a field for every two
   * bytes.
   */
  private static final int MAX_FIELDS = 1 << 20;

  private static final int MAP_KEY = 1;
  private static final int MAP_VALUE = 2;

  private final WireBytes bytes;

  /** Per field: number, wire type, start of tag, start of value, end of value. */
  private final int[] fields;

  private final int used;

  private WireMessage(WireBytes bytes, int[] fields, int used) {
    this.bytes = bytes;
    this.fields = fields;
    this.used = used;
  }

  /** Splits {@code message} into its fields, one level deep. */
  public static WireMessage parse(ByteString message) throws MalformedMessageException {
    return parse(WireBytes.of(message));
  }

  private static WireMessage parse(WireBytes bytes) throws MalformedMessageException {
    WireCursor cursor = new WireCursor(bytes);
    int[] fields = new int[INTS_PER_FIELD * 8];
    int used = 0;
    while (cursor.next()) {
      if (used == MAX_FIELDS * INTS_PER_FIELD) {
        throw new MalformedMessageException(
            "more than " + MAX_FIELDS + " fields", cursor.tagStart() - bytes.start());
      }
      if (used == fields.length) {
        fields = Arrays.copyOf(fields, used * 2);
      }
      fields[used++] = cursor.field();
      fields[used++] = cursor.type();
      fields[used++] = cursor.tagStart();
      fields[used++] = cursor.valueStart();
      fields[used++] = cursor.valueEnd();
    }
    return new WireMessage(bytes, fields, used);
  }

  /** The string at the end of this path of fields, read without splitting the messages on it. */
  public static String stringIn(ByteString message, int... path) throws MalformedMessageException {
    return new WireCursor(WireBytes.of(message)).text(path, 0, "");
  }

  /** The integer or enum at the end of this path of fields, likewise. */
  public static long numberIn(ByteString message, int... path) throws MalformedMessageException {
    return new WireCursor(WireBytes.of(message)).number(path, 0, 0);
  }

  /** Whether the string, bytes or message field occurs, repeated or not. */
  public boolean has(int field) {
    return last(field, WireCursor.LEN) >= 0;
  }

  /** The string field, empty if absent. */
  public String string(int field) {
    int at = last(field, WireCursor.LEN);
    return at < 0 ? "" : WireBytes.text(bytes.array(), fields[at + 3], fields[at + 4]);
  }

  /** The values of a repeated string field. */
  public List<String> strings(int field) {
    return values(field).stream().map(ByteString::toStringUtf8).toList();
  }

  /** The integer, bool or enum field, 0 if absent. */
  public long number(int field) throws MalformedMessageException {
    int at = last(field, WireCursor.VARINT);
    if (at < 0) {
      return 0;
    }
    WireCursor cursor = new WireCursor(bytes.array(), fields[at + 2], fields[at + 4]);
    cursor.next();
    return cursor.varint();
  }

  /** The bool field, false if absent. */
  public boolean flag(int field) throws MalformedMessageException {
    return number(field) != 0;
  }

  /** The serialized values of a repeated string, bytes or message field, as slices. */
  public List<ByteString> values(int field) {
    List<ByteString> values = new ArrayList<>();
    for (int i = 0; i < used; i += INTS_PER_FIELD) {
      if (fields[i] == field && fields[i + 1] == WireCursor.LEN) {
        values.add(WireBytes.slice(bytes.array(), fields[i + 3], fields[i + 4]));
      }
    }
    return values;
  }

  /** The serialized singular message field, empty if absent. */
  public ByteString value(int field) {
    ByteString value = ByteString.EMPTY;
    for (ByteString part : values(field)) {
      value = value.concat(part);
    }
    return value;
  }

  /** The singular message field, {@link #EMPTY} if absent. */
  public WireMessage message(int field) throws MalformedMessageException {
    return parse(value(field));
  }

  /** The messages of a repeated field. */
  public List<WireMessage> messages(int field) throws MalformedMessageException {
    List<WireMessage> messages = new ArrayList<>();
    for (ByteString value : values(field)) {
      messages.add(parse(value));
    }
    return messages;
  }

  /** A {@code map<string, string>} field. */
  public Map<String, String> stringMap(int field) throws MalformedMessageException {
    Map<String, String> map = new LinkedHashMap<>();
    for (WireMessage entry : messages(field)) {
      map.put(entry.string(MAP_KEY), entry.string(MAP_VALUE));
    }
    return map;
  }

  /** The last value of a key in a {@code map<string, string>} field, empty if there is none. */
  public String mapValue(int field, String key) throws MalformedMessageException {
    byte[] wanted = key.getBytes(UTF_8);
    String value = "";
    for (int i = 0; i < used; i += INTS_PER_FIELD) {
      if (fields[i] == field && fields[i + 1] == WireCursor.LEN) {
        int start = fields[i + 3];
        int end = fields[i + 4];
        // Most entries are of other keys: they are not even split into their fields.
        if (end - start >= wanted.length && hasKey(start, end, wanted)) {
          value = parse(WireBytes.slice(bytes.array(), start, end)).string(MAP_VALUE);
        }
      }
    }
    return value;
  }

  private boolean hasKey(int start, int end, byte[] wanted) throws MalformedMessageException {
    WireCursor entry = new WireCursor(bytes.array(), start, end);
    boolean isWanted = wanted.length == 0;
    while (entry.next()) {
      if (entry.field() == MAP_KEY && entry.type() == WireCursor.LEN) {
        isWanted =
            Arrays.equals(
                bytes.array(), entry.valueStart(), entry.valueEnd(), wanted, 0, wanted.length);
      }
    }
    return isWanted;
  }

  /** How many bytes these fields take together, tags included. */
  public int sizeOf(int... numbers) {
    int size = 0;
    for (int i = 0; i < used; i += INTS_PER_FIELD) {
      if (contains(numbers, fields[i])) {
        size += fields[i + 4] - fields[i + 2];
      }
    }
    return size;
  }

  /** This message without some of its fields, serialized; the others keep their bytes and order. */
  public ByteString without(int... dropped) {
    ByteString rest = ByteString.EMPTY;
    int runStart = bytes.start();
    for (int i = 0; i < used; i += INTS_PER_FIELD) {
      if (contains(dropped, fields[i])) {
        rest = rest.concat(WireBytes.slice(bytes.array(), runStart, fields[i + 2]));
        runStart = fields[i + 4];
      }
    }
    return rest.concat(WireBytes.slice(bytes.array(), runStart, bytes.end()));
  }

  /** This message, serialized, unchanged. */
  public ByteString toByteString() {
    return WireBytes.slice(bytes.array(), bytes.start(), bytes.end());
  }

  private int last(int field, int type) {
    for (int i = used - INTS_PER_FIELD; i >= 0; i -= INTS_PER_FIELD) {
      if (fields[i] == field && fields[i + 1] == type) {
        return i;
      }
    }
    return -1;
  }

  private static boolean contains(int[] numbers, int number) {
    for (int candidate : numbers) {
      if (candidate == number) {
        return true;
      }
    }
    return false;
  }
}
