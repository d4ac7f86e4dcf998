package io.crirouter.examples.criproxy;

import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Set;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads a socket's permissions as chmod writes them. */
final class SocketMode implements ITypeConverter<Set<PosixFilePermission>> {
  /** From the highest bit (owner reads) to the lowest (others execute). */
  private static final PosixFilePermission[] BITS = {
    PosixFilePermission.OWNER_READ,
    PosixFilePermission.OWNER_WRITE,
    PosixFilePermission.OWNER_EXECUTE,
    PosixFilePermission.GROUP_READ,
    PosixFilePermission.GROUP_WRITE,
    PosixFilePermission.GROUP_EXECUTE,
    PosixFilePermission.OTHERS_READ,
    PosixFilePermission.OTHERS_WRITE,
    PosixFilePermission.OTHERS_EXECUTE
  };

  @Override
  public Set<PosixFilePermission> convert(String value) {
    if (!value.matches("0?[0-7]{3}")) {
      throw new TypeConversionException(
          "'" + value + "' is no socket mode: write three octal digits, 0600 or 0660 say");
    }
    int bits = Integer.parseInt(value, 8);
    Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
    for (int i = 0; i < BITS.length; i++) {
      if ((bits & (1 << (BITS.length - 1 - i))) != 0) {
        permissions.add(BITS[i]);
      }
    }
    return permissions;
  }
}
