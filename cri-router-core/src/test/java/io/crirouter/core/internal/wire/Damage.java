package io.crirouter.core.internal.wire;

import com.google.protobuf.ByteString;
import java.util.Arrays;
import java.util.Random;

/** Ways in which a message may arrive broken. */
final class Damage {
  private Damage() {}

  /** Bytes that never were a message. */
  static ByteString noise(Random random) {
    byte[] noise = new byte[random.nextInt(40)];
    random.nextBytes(noise);
    return ByteString.copyFrom(noise);
  }

  /** A message that lost its end, or some of whose bits or bytes are not what they were. */
  static ByteString of(ByteString message, Random random) {
    if (message.isEmpty()) {
      return noise(random);
    }
    byte[] bytes = message.toByteArray();
    int at = random.nextInt(bytes.length);
    switch (random.nextInt(6)) {
      case 0 -> bytes = Arrays.copyOf(bytes, at);
      case 1 -> bytes = without(bytes, at, random);
      case 2 -> bytes = withMore(bytes, at, random);
      case 3 -> Arrays.fill(bytes, at, Math.min(at + 6, bytes.length), (byte) 0xff);
      default -> flipBits(bytes, 1 + random.nextInt(3), random);
    }
    return ByteString.copyFrom(bytes);
  }

  private static void flipBits(byte[] bytes, int count, Random random) {
    for (int i = 0; i < count; i++) {
      bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
    }
  }

  private static byte[] without(byte[] bytes, int from, Random random) {
    int to = Math.min(bytes.length, from + 1 + random.nextInt(4));
    byte[] fewer = Arrays.copyOf(bytes, bytes.length - (to - from));
    System.arraycopy(bytes, to, fewer, from, bytes.length - to);
    return fewer;
  }

  private static byte[] withMore(byte[] bytes, int at, Random random) {
    byte[] noise = new byte[1 + random.nextInt(4)];
    random.nextBytes(noise);
    byte[] more = Arrays.copyOf(bytes, bytes.length + noise.length);
    System.arraycopy(noise, 0, more, at, noise.length);
    System.arraycopy(bytes, at, more, at + noise.length, bytes.length - at);
    return more;
  }
}
