package io.crirouter.core.internal.wire;

/**
 * Iterates over the fields of one message and checks every bound. After {@link #next} returned
 * true, the accessors describe the current field. {@link #enter} descends into a nested message.
 *
 * <p>It accepts what protobuf's own parsers accept, except three things that each of them reads
 * differently: tags and lengths beyond 32 bits, and varints of more than ten bytes.
 */
final class WireCursor {
  static final int VARINT = 0;
  static final int FIXED64 = 1;
  static final int LEN = 2;
  private static final int START_GROUP = 3;
  private static final int END_GROUP = 4;
  private static final int FIXED32 = 5;
  private static final int TYPE_BITS = 3;
  private static final int TYPE_MASK = 7;
  private static final int MAX_GROUP_DEPTH = 100;

  final byte[] buffer;
  private final int origin;

  /** How deeply groups may be nested. */
  int maxGroups = MAX_GROUP_DEPTH;

  private int position;
  private int limit;

  private int tag;
  private int tagStart;
  private int payloadStart;
  private int valueStart;

  WireCursor(WireBytes bytes) {
    this(bytes.array(), bytes.start(), bytes.end());
  }

  WireCursor(byte[] buffer, int start, int end) {
    this.buffer = buffer;
    this.origin = start;
    this.position = start;
    this.limit = end;
  }

  /** The field's number. */
  int field() {
    return tag >>> TYPE_BITS;
  }

  /** The field's wire type. */
  int type() {
    return tag & TYPE_MASK;
  }

  /** Where the field's tag starts. */
  int tagStart() {
    return tagStart;
  }

  /** Where the payload starts: for {@link #LEN} the length varint, else the value. */
  int payloadStart() {
    return payloadStart;
  }

  /** Where the value starts. */
  int valueStart() {
    return valueStart;
  }

  /** After the value, until it is entered: the next field begins there. */
  int valueEnd() {
    return position;
  }

  /** Moves into the current field's value, a message; returns what {@link #leave} needs. */
  int enter() {
    int outer = limit;
    limit = position;
    position = valueStart;
    return outer;
  }

  /** Continues after a message that was entered and read to its end. */
  void leave(int outerLimit) {
    limit = outerLimit;
  }

  /** Moves to the next field; false at the end of the message. */
  boolean next() throws MalformedMessageException {
    if (position >= limit) {
      return false;
    }
    tagStart = position;
    readTag();
    if (type() == END_GROUP) {
      throw malformed("end of a group that was not begun");
    }
    readValue();
    return true;
  }

  /**
   * The text at the end of a path of fields below this message, which is read to its end. Of
   * several values the last one counts, as for every parser.
   *
   * @param depth how many fields of the path lead to this message
   * @param absent the result if there is no value
   */
  String text(int[] path, int depth, String absent) throws MalformedMessageException {
    String text = absent;
    while (next()) {
      if (field() == path[depth] && type() == LEN) {
        if (depth == path.length - 1) {
          text = WireBytes.text(buffer, valueStart, position);
        } else {
          int outer = enter();
          text = text(path, depth + 1, text);
          leave(outer);
        }
      }
    }
    return text;
  }

  /** The integer or enum at the end of a path, likewise. */
  long number(int[] path, int depth, long absent) throws MalformedMessageException {
    long number = absent;
    while (next()) {
      if (field() == path[depth] && depth == path.length - 1 && type() == VARINT) {
        number = varint();
      } else if (field() == path[depth] && depth < path.length - 1 && type() == LEN) {
        int outer = enter();
        number = number(path, depth + 1, number);
        leave(outer);
      }
    }
    return number;
  }

  /** The current varint field's value. */
  long varint() throws MalformedMessageException {
    int behind = position;
    position = valueStart;
    long value = readVarint();
    position = behind;
    return value;
  }

  /** Checks that the current field's value is a row of varints. */
  void requirePackedIntegers() throws MalformedMessageException {
    int outer = enter();
    while (position < limit) {
      readVarint();
    }
    leave(outer);
  }

  private void readTag() throws MalformedMessageException {
    long read = readVarint();
    if (read >>> 32 != 0 || read >>> TYPE_BITS == 0) {
      throw malformed("invalid field tag");
    }
    tag = (int) read;
  }

  private void readValue() throws MalformedMessageException {
    payloadStart = position;
    valueStart = position;
    switch (type()) {
      case VARINT -> readVarint();
      case FIXED64 -> skip(8);
      case FIXED32 -> skip(4);
      case LEN -> {
        long length = readVarint();
        valueStart = position;
        skip(length);
      }
      case START_GROUP -> skipGroup();
      default -> throw malformed("invalid wire type " + type());
    }
  }

  private void skip(long count) throws MalformedMessageException {
    if (count < 0 || count > limit - position) {
      throw malformed("a field runs beyond the end of its message");
    }
    position += (int) count;
  }

  /** Skips the group whose start was just read, with all nested groups. */
  private void skipGroup() throws MalformedMessageException {
    int[] open = new int[maxGroups];
    int groups = 0;
    int groupPayload = payloadStart;
    open[groups++] = field();
    while (groups > 0) {
      if (position >= limit) {
        throw malformed("a group without end");
      }
      readTag();
      if (type() == END_GROUP) {
        if (open[--groups] != field()) {
          throw malformed("end of another group than was begun");
        }
      } else if (type() == START_GROUP) {
        if (groups == open.length) {
          throw malformed("groups nested too deeply");
        }
        open[groups++] = field();
      } else {
        readValue();
      }
    }
    tag = tag - END_GROUP + START_GROUP;
    payloadStart = groupPayload;
    valueStart = groupPayload;
  }

  private long readVarint() throws MalformedMessageException {
    if (position < limit && buffer[position] >= 0) {
      return buffer[position++];
    }
    long value = 0;
    for (int shift = 0; shift < 70; shift += 7) {
      if (position >= limit) {
        throw malformed("a number runs beyond the end of its message");
      }
      byte next = buffer[position++];
      value |= (long) (next & 0x7f) << shift;
      if (next >= 0) {
        return value;
      }
    }
    throw malformed("a number of more than ten bytes");
  }

  /** The exception for an error before the current position. */
  MalformedMessageException malformed(String message) {
    return new MalformedMessageException(message, position - origin);
  }
}
