package io.crirouter.core.internal.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;

class WireBytesTest {
  private static final byte[] ARRAY = new byte[1000];

  static {
    new Random(1).nextBytes(ARRAY);
  }

  @Test
  void bytesInOneArrayAreNotCopied() {
    WireBytes bytes = WireBytes.of(UnsafeByteOperations.unsafeWrap(ARRAY));

    assertThat(bytes.array()).isSameAs(ARRAY);
    assertThat(bytes.start()).isZero();
    assertThat(bytes.end()).isEqualTo(ARRAY.length);
  }

  @Test
  void aPartOfAnArrayIsNotCopied() {
    WireBytes bytes = WireBytes.of(UnsafeByteOperations.unsafeWrap(ARRAY).substring(100, 300));

    assertThat(bytes.array()).isSameAs(ARRAY);
    assertThat(bytes.start()).isEqualTo(100);
    assertThat(bytes.end()).isEqualTo(300);
  }

  @Test
  void aHeapBufferIsNotCopied() {
    ByteBuffer buffer = ByteBuffer.wrap(ARRAY, 100, 200).slice();

    WireBytes bytes = WireBytes.of(UnsafeByteOperations.unsafeWrap(buffer));

    assertThat(bytes.array()).isSameAs(ARRAY);
    assertThat(bytes.start()).isEqualTo(100);
    assertThat(bytes.end()).isEqualTo(300);
  }

  @Test
  void everyOtherKindIsCopiedInFull() {
    ByteString whole = UnsafeByteOperations.unsafeWrap(ARRAY);
    ByteBuffer direct = ByteBuffer.allocateDirect(ARRAY.length).put(ARRAY).flip();
    ByteString outside = UnsafeByteOperations.unsafeWrap(direct);

    assertHolds(outside, ARRAY);
    assertHolds(whole.substring(0, 400).concat(whole.substring(400)), ARRAY);
    assertHolds(outside.substring(0, 400).concat(whole.substring(400)), ARRAY);
    assertHolds(whole.substring(0, 400).concat(outside.substring(400)), ARRAY);
    assertHolds(ByteString.EMPTY, new byte[0]);
  }

  private static void assertHolds(ByteString bytes, byte[] expected) {
    WireBytes held = WireBytes.of(bytes);

    assertThat(WireBytes.slice(held.array(), held.start(), held.end()).toByteArray())
        .isEqualTo(expected);
  }
}
