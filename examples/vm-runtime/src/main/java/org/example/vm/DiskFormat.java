package org.example.vm;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The formats of disks. QEMU gets the format as an option and does not probe the content. */
enum DiskFormat {
  RAW,
  QCOW2;

  private static final int QCOW2_MAGIC = 0x514649fb;
  private static final int QCOW2_VERSION_2 = 2;
  private static final long EXTERNAL_DATA = 1L << 2;
  private static final int BYTES_UNTIL_FEATURES = 56;

  /** Detects the format of a disk. */
  static DiskFormat of(Path disk) throws IOException {
    try (DataInputStream header = new DataInputStream(Files.newInputStream(disk))) {
      return header.readInt() == QCOW2_MAGIC ? QCOW2 : RAW;
    } catch (EOFException e) {
      return RAW;
    }
  }

  /**
   * Refuses a disk that would make QEMU read other files of the node.
   *
   * @throws IOException with the reason
   */
  static void check(Path disk) throws IOException {
    if (of(disk) == RAW) {
      return;
    }
    try (DataInputStream header =
        new DataInputStream(new BufferedInputStream(Files.newInputStream(disk)))) {
      header.skipNBytes(Integer.BYTES);
      int version = header.readInt();
      boolean backed = header.readLong() != 0;
      header.skipNBytes(BYTES_UNTIL_FEATURES);
      boolean external = version > QCOW2_VERSION_2 && (header.readLong() & EXTERNAL_DATA) != 0;
      if (backed || external) {
        throw new IOException("the disk is a qcow2 file that refers to another file");
      }
    } catch (EOFException e) {
      throw new IOException("the disk has the beginning of a qcow2 file and ends there", e);
    }
  }
}
