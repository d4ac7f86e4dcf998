package io.crirouter.core.internal.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.protobuf.ByteString;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WireCursorTest {
  private static final ByteString FIRST = RawWire.number(1, 7);

  /** Fields of every wire type, in hex, behind a first field of two bytes. */
  @ParameterizedTest
  @CsvSource({
    // bytes, field, type, payload start, value start, value end
    "10 ac02,           2, 0, 3, 3, 5",
    "9006 05,          98, 0, 4, 4, 5",
    "11 0102030405060708, 2, 1, 3, 3, 11",
    "12 03 616263,      2, 2, 3, 4, 7",
    "12 8380 00 616263, 2, 2, 3, 6, 9",
    "12 00,             2, 2, 3, 4, 4",
    "15 01020304,       2, 5, 3, 3, 7",
    "13 14,             2, 3, 3, 3, 4",
    "13 0a 01 61 1b 0805 1c 14, 2, 3, 3, 3, 11",
  })
  void saysWhereAFieldIs(
      String hex, int field, int type, int payloadStart, int valueStart, int valueEnd)
      throws Exception {
    WireCursor cursor = new WireCursor(WireBytes.of(FIRST.concat(Hex.parse(hex))));

    assertThat(cursor.next()).isTrue();
    assertThat(cursor.next()).isTrue();

    assertThat(cursor.field()).as("field").isEqualTo(field);
    assertThat(cursor.type()).as("type").isEqualTo(type);
    assertThat(cursor.tagStart()).as("tag start").isEqualTo(FIRST.size());
    assertThat(cursor.payloadStart()).as("payload start").isEqualTo(payloadStart);
    assertThat(cursor.valueStart()).as("value start").isEqualTo(valueStart);
    assertThat(cursor.valueEnd()).as("value end").isEqualTo(valueEnd);
    assertThat(cursor.next()).as("more").isFalse();
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 127, 128, -1, Integer.MAX_VALUE, Long.MAX_VALUE, Long.MIN_VALUE})
  void readsNumbersOfAnySizeAgainAndAgain(long number) throws Exception {
    WireCursor cursor =
        new WireCursor(WireBytes.of(RawWire.number(1, number).concat(RawWire.number(2, 5))));

    assertThat(cursor.next()).isTrue();
    assertThat(cursor.varint()).isEqualTo(number);
    assertThat(cursor.varint()).isEqualTo(number);
    assertThat(cursor.next()).isTrue();
    assertThat(cursor.varint()).as("the next field is not lost").isEqualTo(5);
  }

  @Test
  void entersAMessageAndGoesOnBehindIt() throws Exception {
    ByteString inner = RawWire.number(1, 1).concat(RawWire.number(2, 2));
    ByteString outer = RawWire.bytes(3, inner).concat(RawWire.number(4, 4));
    WireCursor cursor = new WireCursor(WireBytes.of(outer));

    assertThat(cursor.next()).isTrue();
    int limit = cursor.enter();
    assertThat(cursor.next()).isTrue();
    assertThat(cursor.field()).isEqualTo(1);
    assertThat(cursor.next()).isTrue();
    assertThat(cursor.next()).as("more in the message").isFalse();
    cursor.leave(limit);

    assertThat(cursor.next()).isTrue();
    assertThat(cursor.field()).isEqualTo(4);
  }

  @ParameterizedTest
  @CsvSource({
    "0c,        end of a group that was not begun at byte 3",
    "16,        invalid wire type 6 at byte 3",
    "13 1c,     end of another group than was begun at byte 4",
    "13,        a group without end at byte 3",
    "02 00,     invalid field tag at byte 3",
    "0a 05 61,  a field runs beyond the end of its message at byte 4",
    "10 80,     a number runs beyond the end of its message at byte 4",
    "10 ffffffffffffffffffff 00, a number of more than ten bytes at byte 13",
  })
  void saysWhatIsMalformedAndWhere(String hex, String message) throws Exception {
    ByteString bytes = RawWire.amid(FIRST, FIRST.concat(Hex.parse(hex)), FIRST);
    WireCursor cursor = new WireCursor(WireBytes.of(bytes));

    assertThat(cursor.next()).isTrue();
    assertThatExceptionOfType(MalformedMessageException.class)
        .isThrownBy(cursor::next)
        .withMessage(message);
  }
}
