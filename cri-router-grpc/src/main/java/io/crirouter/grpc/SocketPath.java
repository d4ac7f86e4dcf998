package io.crirouter.grpc;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.file.Path;

/** What the kernel accepts as the path of a UNIX socket. */
final class SocketPath {
  /** What {@code sockaddr_un} of Linux holds, less the NUL at its end. */
  static final int MAX_BYTES = 107;

  private SocketPath() {}

  /** The length of {@code path} in bytes. */
  static int length(Path path) {
    return path.toString().getBytes(UTF_8).length;
  }
}
