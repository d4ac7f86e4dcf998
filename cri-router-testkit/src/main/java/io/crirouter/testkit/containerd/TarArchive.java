package io.crirouter.testkit.containerd;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Writes a POSIX (ustar) archive for an image layer. Files belong to root. All times are the epoch,
 * so that equal contents have equal digests.
 */
final class TarArchive {
  private static final int BLOCK = 512;
  private static final int NAME_LENGTH = 100;
  private static final int CHECKSUM_OFFSET = 148;
  private static final int CHECKSUM_LENGTH = 8;

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  @CanIgnoreReturnValue
  TarArchive directory(String name, int mode) {
    return entry(name + "/", mode, '5', "", new byte[0]);
  }

  @CanIgnoreReturnValue
  TarArchive file(String name, int mode, byte[] content) {
    return entry(name, mode, '0', "", content);
  }

  @CanIgnoreReturnValue
  TarArchive file(String name, int mode, String content) {
    return file(name, mode, content.getBytes(StandardCharsets.UTF_8));
  }

  @CanIgnoreReturnValue
  TarArchive symbolicLink(String name, String target) {
    return entry(name, 0777, '2', target, new byte[0]);
  }

  /** The archive with its end marker, two empty blocks. */
  byte[] toByteArray() {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.writeBytes(bytes.toByteArray());
    all.writeBytes(new byte[2 * BLOCK]);
    return all.toByteArray();
  }

  private TarArchive entry(String name, int mode, char type, String target, byte[] content) {
    if (name.length() >= NAME_LENGTH || target.length() >= NAME_LENGTH) {
      throw new IllegalArgumentException("name or link target is too long: " + name);
    }
    byte[] header = new byte[BLOCK];
    put(header, 0, name);
    put(header, 100, octal(mode, 7));
    put(header, 108, octal(0, 7));
    put(header, 116, octal(0, 7));
    put(header, 124, octal(content.length, 11));
    put(header, 136, octal(0, 11));
    put(header, 156, String.valueOf(type));
    put(header, 157, target);
    put(header, 257, "ustar\0" + "00");
    putChecksum(header);
    bytes.writeBytes(header);
    bytes.writeBytes(content);
    bytes.writeBytes(new byte[(BLOCK - content.length % BLOCK) % BLOCK]);
    return this;
  }

  /** Sets the checksum: the sum of all header bytes, with spaces in the checksum field. */
  private static void putChecksum(byte[] header) {
    put(header, CHECKSUM_OFFSET, " ".repeat(CHECKSUM_LENGTH));
    int sum = 0;
    for (byte b : header) {
      sum += b & 0xff;
    }
    put(header, CHECKSUM_OFFSET, octal(sum, 6) + "\0 ");
  }

  private static String octal(int value, int digits) {
    return ("%0" + digits + "o").formatted(value);
  }

  private static void put(byte[] header, int offset, String text) {
    byte[] ascii = text.getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(ascii, 0, header, offset, ascii.length);
  }
}
