package io.crirouter.core.internal.wire;

import com.google.protobuf.ByteString;
import java.util.Arrays;

/**
 * The edits of one message, in the order of their positions. Each removes some bytes and inserts a
 * length (or none) and some bytes. They are kept in flat arrays, so that an edit needs no object,
 * and a message without edits needs no array.
 */
final class EditList {
  private static final int NO_LENGTH = -1;
  private static final int INTS_PER_EDIT = 3;

  /** Most requests have one reference, most responses that have any have several. */
  private static final int FIRST_CAPACITY = 2;

  private static final int NEXT_CAPACITY = 8;
  private static final int[] NO_NUMBERS = {};
  private static final byte[][] NO_INSERTIONS = {};
  private static final byte[] NOTHING = {};

  /** Per edit: position, number of bytes removed, length to write. */
  private int[] numbers = NO_NUMBERS;

  private byte[][] insertions = NO_INSERTIONS;
  private int count;
  private int growth;
  private boolean changed;

  /** Whether the message stays unchanged. */
  boolean isEmpty() {
    return !changed;
  }

  /** Removes the bytes between two positions; returns the growth. */
  int remove(int from, int to) {
    set(reserve(), from, to - from, NO_LENGTH, NOTHING);
    return grow(from - to);
  }

  /** Replaces the first bytes of a length-prefixed value; returns the growth. */
  int replaceStart(int lengthStart, int valueStart, int valueEnd, int dropped, byte[] inserted) {
    int length = valueEnd - valueStart - dropped + inserted.length;
    int removed = valueStart - lengthStart + dropped;
    set(reserve(), lengthStart, removed, length, inserted);
    return grow(sizeOf(length) + inserted.length - removed);
  }

  /** Reserves a slot for an edit whose numbers are known only after later edits. */
  int reserve() {
    if (count == insertions.length) {
      int capacity = count == 0 ? FIRST_CAPACITY : Math.max(NEXT_CAPACITY, count * 2);
      numbers = Arrays.copyOf(numbers, capacity * INTS_PER_EDIT);
      byte[][] more = new byte[capacity][]; // Arrays.copyOf would make it by reflection.
      System.arraycopy(insertions, 0, more, 0, count);
      insertions = more;
    }
    set(count, 0, 0, NO_LENGTH, NOTHING);
    return count++;
  }

  /**
   * Makes the reserved edit the new length of a message that grew; returns the growth of the
   * message with its length.
   */
  int fillLength(int slot, int lengthStart, int valueStart, int oldLength, int valueGrowth) {
    if (slot == count - 1) {
      count = slot; // Nothing in the message was edited.
      return 0;
    }
    if (valueGrowth == 0) {
      set(slot, lengthStart, 0, NO_LENGTH, NOTHING);
      return 0;
    }
    int removed = valueStart - lengthStart;
    int length = oldLength + valueGrowth;
    set(slot, lengthStart, removed, length, NOTHING);
    return valueGrowth + grow(sizeOf(length) - removed);
  }

  /** The edited message. */
  ByteString applyTo(WireBytes bytes) {
    byte[] from = bytes.array();
    byte[] to = new byte[bytes.end() - bytes.start() + growth];
    int read = bytes.start();
    int written = 0;
    for (int i = 0; i < count; i++) {
      int place = numbers[i * INTS_PER_EDIT];
      System.arraycopy(from, read, to, written, place - read);
      written += place - read;
      read = place + numbers[i * INTS_PER_EDIT + 1];
      written = writeLength(to, written, numbers[i * INTS_PER_EDIT + 2]);
      byte[] insertion = insertions[i];
      System.arraycopy(insertion, 0, to, written, insertion.length);
      written += insertion.length;
    }
    System.arraycopy(from, read, to, written, bytes.end() - read);
    return WireBytes.own(to);
  }

  private int grow(int bytes) {
    growth += bytes;
    changed = true;
    return bytes;
  }

  private void set(int edit, int place, int removed, int length, byte[] insertion) {
    numbers[edit * INTS_PER_EDIT] = place;
    numbers[edit * INTS_PER_EDIT + 1] = removed;
    numbers[edit * INTS_PER_EDIT + 2] = length;
    insertions[edit] = insertion;
  }

  private static int writeLength(byte[] to, int at, int length) {
    if (length == NO_LENGTH) {
      return at;
    }
    int rest = length;
    int written = at;
    while (rest > 0x7f) {
      to[written++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    to[written++] = (byte) rest;
    return written;
  }

  private static int sizeOf(int length) {
    return length == 0 ? 1 : (38 - Integer.numberOfLeadingZeros(length)) / 7;
  }
}
