package io.crirouter.core.internal.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.protobuf.ByteString;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import org.junit.jupiter.api.Test;

class MessageSplitterTest {

  @Test
  void aMessageThatFitsIsThePieceItself() throws Exception {
    ByteString message = RawWire.string(1, "abc");

    assertThat(MessageSplitter.split(message, message.size())).hasSize(1);
    assertThat(MessageSplitter.split(message, message.size()).get(0)).isSameAs(message);
  }

  @Test
  void anEmptyMessageGivesNoPiece() throws Exception {
    assertThat(MessageSplitter.split(ByteString.EMPTY, 10)).isEmpty();
  }

  @Test
  void piecesAreAsFullAsTheyMayBe() throws Exception {
    ByteString item = RawWire.string(1, "abc");
    ByteString message = RawWire.concat(item, item, item, item, item);

    assertThat(MessageSplitter.split(message, 2 * item.size()))
        .containsExactly(item.concat(item), item.concat(item), item);
  }

  @Test
  void aFieldThatIsLargerThanAPieceGetsOneOfItsOwn() throws Exception {
    ByteString small = RawWire.string(1, "a");
    ByteString large = RawWire.string(1, "abcdefghijkl");

    assertThat(MessageSplitter.split(RawWire.concat(small, small, large, small), 8))
        .containsExactly(small.concat(small), large, small);
  }

  @Test
  void aGroupIsNotTornApart() throws Exception {
    ByteString group = RawWire.group(9, RawWire.string(1, "abc").concat(RawWire.string(1, "def")));

    assertThat(MessageSplitter.split(group.concat(group), 5)).containsExactly(group, group);
  }

  @Test
  void whatIsNoMessageIsRefused() {
    ByteString message = RawWire.string(1, "abc").concat(RawWire.tag(1, RawWire.LEN));

    assertThatExceptionOfType(MalformedMessageException.class)
        .isThrownBy(() -> MessageSplitter.split(message, 3));
  }

  @Property(tries = 40, shrinking = ShrinkingMode.OFF)
  void piecesAreTheWholeAndSmallEnough(@ForAll long seed) throws Exception {
    for (RpcMessage type : RpcMessage.all()) {
      Random random = new Random(seed);
      ByteString message = new RandomWire(random).message(type.descriptor());
      ByteString held = RawWire.heldAnyhow(message, random);
      int maxBytes = 1 + random.nextInt(message.size() + 10);

      List<ByteString> pieces = MessageSplitter.split(held, maxBytes);

      assertThat(ByteString.copyFrom(pieces)).isEqualTo(message);
      for (ByteString piece : pieces) {
        boolean single = fields(piece) == 1;
        assertThat(piece.size() <= maxBytes || single)
            .as("%s, seed %d: piece of %d bytes, limit %d", type, seed, piece.size(), maxBytes)
            .isTrue();
      }
    }
  }

  private static int fields(ByteString message) throws MalformedMessageException {
    WireCursor cursor = new WireCursor(WireBytes.of(message));
    int fields = 0;
    while (cursor.next()) {
      fields++;
    }
    return fields;
  }
}
