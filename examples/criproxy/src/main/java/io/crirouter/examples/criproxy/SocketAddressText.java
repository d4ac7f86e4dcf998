package io.crirouter.examples.criproxy;

import java.nio.file.Path;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Converts a socket address: a path, or {@code unix://} and a path. */
final class SocketAddressText implements ITypeConverter<Path> {
  private static final String SCHEME_AND_NO_HOST = "unix://";

  @Override
  public Path convert(String value) {
    String path =
        value.startsWith(SCHEME_AND_NO_HOST) ? value.substring(SCHEME_AND_NO_HOST.length()) : value;
    if (path.isEmpty() || (path.length() < value.length() && !path.startsWith("/"))) {
      throw new TypeConversionException(
          "'" + value + "' is no socket: write /PATH or unix:///PATH");
    }
    return Path.of(path);
  }
}
