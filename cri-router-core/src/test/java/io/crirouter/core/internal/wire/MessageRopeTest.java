package io.crirouter.core.internal.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import org.junit.jupiter.api.Test;

class MessageRopeTest {
  private static final int MAX_FIELD = (1 << 29) - 1;
  private static final int[] SIZES = {0, 1, 100, 127, 128, 129, 16383, 16384};

  @Test
  void aRopeWithoutFieldsIsAnEmptyMessage() {
    assertThat(new MessageRope().toByteString()).isEqualTo(ByteString.EMPTY);
  }

  @Property(tries = 200, shrinking = ShrinkingMode.OFF)
  void itsBytesAreThoseOfAWriter(@ForAll long seed) {
    Random random = new Random(seed);
    MessageRope rope = new MessageRope();
    WireWriter writer = new WireWriter();
    for (int i = random.nextInt(20); i > 0; i--) {
      ByteString value = noise(SIZES[random.nextInt(SIZES.length)], random);
      int field = 1 + random.nextInt(random.nextBoolean() ? 20 : MAX_FIELD);
      if (random.nextInt(4) == 0) {
        ByteString fields = RawWire.bytes(field, value);
        rope.raw(fields);
        writer.raw(fields);
      } else {
        rope.message(field, value);
        writer.message(field, value);
      }
    }

    assertThat(rope.toByteString()).as("seed %d", seed).isEqualTo(writer.toByteString());
  }

  @Test
  void whatWasPutTogetherDoesNotChangeWhenMoreIsAdded() {
    MessageRope rope = new MessageRope().message(1, RawWire.utf8("a"));
    ByteString before = rope.toByteString();

    rope.message(2, RawWire.utf8("b"));

    assertThat(before).isEqualTo(RawWire.string(1, "a"));
  }

  private static ByteString noise(int size, Random random) {
    byte[] noise = new byte[size];
    random.nextBytes(noise);
    return ByteString.copyFrom(noise);
  }
}
