package io.crirouter.grpc;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.file.Path;

/** The limit on the path of a UNIX socket. */
final class SocketPath {
  /** The size of {@code sun_path} on Linux without the final NUL. */
  static final int MAX_BYTES = 107;

  private SocketPath() {}

  /** The length of {@code path} in bytes. */
  static int length(Path path) {
    return path.toString().getBytes(UTF_8).length;
  }
}
