package io.crirouter.examples.criproxy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds out what cannot work before anything is connected, bound or written. */
final class StartChecks {
  /** What a socket's path can have, in bytes. */
  private static final int MAX_SOCKET_BYTES = 107;

  /** What the server adds to the folder's path while it binds. */
  private static final int TEMPORARY_BYTES = 10;

  private static final int MAX_LINKS = 40;
  private static final int SOCKET_TYPE = 0140000;
  private static final int TYPE_MASK = 0170000;

  private StartChecks() {}

  /** Whether the proxy can listen at {@code listen}, as far as files tell. */
  static void requireListenable(Path listen) throws BadConfigurationException {
    Path path = listen.toAbsolutePath();
    Path folder = path.getParent();
    if (folder == null) {
      throw unusable(path, "it is a folder; name a file in it", null);
    }
    int tooLong = Math.max(bytes(path), bytes(folder) + TEMPORARY_BYTES) - MAX_SOCKET_BYTES;
    if (tooLong > 0) {
      throw unusable(path, "the path is too long by " + tooLong + " bytes", null);
    }
    if (!Files.isDirectory(folder)) {
      throw unusable(path, "the folder " + folder + " does not exist; create it first", null);
    }
    requireFree(path);
    try {
      Files.delete(
          Files.createTempDirectory(
              folder,
              ".criproxy",
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))));
    } catch (IOException e) {
      throw unusable(path, "no file can be created in " + folder + ": " + e, e);
    }
  }

  private static void requireFree(Path path) throws BadConfigurationException {
    try {
      if (Files.exists(path, NOFOLLOW_LINKS) && !isSocket(path)) {
        throw unusable(path, "it exists and is no socket; refusing to replace it", null);
      }
      Path lock = path.resolveSibling(path.getFileName() + ".lock");
      if (Files.exists(lock, NOFOLLOW_LINKS) && !Files.isRegularFile(lock, NOFOLLOW_LINKS)) {
        throw unusable(path, lock + " is needed as a lock, but is no regular file", null);
      }
    } catch (IOException e) {
      throw unusable(path, e.toString(), e);
    }
  }

  private static boolean isSocket(Path path) throws IOException {
    int mode = (Integer) Files.getAttribute(path, "unix:mode", NOFOLLOW_LINKS);
    return (mode & TYPE_MASK) == SOCKET_TYPE;
  }

  private static int bytes(Path path) {
    return path.toString().getBytes(UTF_8).length;
  }

  private static BadConfigurationException unusable(
      Path path, String why, @Nullable Exception cause) {
    return new BadConfigurationException("cannot listen on " + path + ": " + why, cause);
  }

  /** Whether there is such a group. */
  static void requireGroup(Path listen, String group) throws BadConfigurationException {
    try {
      Object unused =
          listen.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByGroupName(group);
    } catch (IOException e) {
      throw new BadConfigurationException(
          "the socket's group '" + group + "' does not exist on this machine", e);
    }
  }

  /** Whether all sockets are different ones: a proxy that is its own runtime calls itself. */
  static void requireDistinct(Path listen, List<RuntimeAddress> runtimes)
      throws BadConfigurationException {
    for (int i = 0; i < runtimes.size(); i++) {
      RuntimeAddress runtime = runtimes.get(i);
      if (isSame(listen, runtime.socket())) {
        throw new BadConfigurationException(
            "the proxy cannot listen where runtime "
                + runtime.nameOrPrimary()
                + " does: "
                + both(listen, runtime.socket()),
            null);
      }
      for (RuntimeAddress other : runtimes.subList(0, i)) {
        if (isSame(other.socket(), runtime.socket())) {
          throw new BadConfigurationException(
              "runtimes %s and %s have one socket: %s"
                  .formatted(
                      other.nameOrPrimary(),
                      runtime.nameOrPrimary(),
                      both(other.socket(), runtime.socket())),
              null);
        }
      }
    }
  }

  private static String both(Path one, Path other) {
    return one.equals(other) ? one.toString() : one + " is " + other;
  }

  private static boolean isSame(Path one, Path other) {
    if (destination(one).equals(destination(other))) {
      return true;
    }
    try {
      return Files.isSameFile(one, other);
    } catch (IOException e) {
      // One of them is not there, so it is no other name of the other.
      return false;
    }
  }

  /** Where links lead to, also if nothing is there yet. */
  private static Path destination(Path path) {
    Path at = path.toAbsolutePath();
    try {
      for (int links = 0; links < MAX_LINKS && at.getParent() != null; links++) {
        at = at.getParent().toRealPath().resolve(at.getFileName());
        if (!Files.isSymbolicLink(at)) {
          return at;
        }
        at = at.resolveSibling(Files.readSymbolicLink(at));
      }
    } catch (IOException | InvalidPathException e) {
      // A folder is not there yet.
    }
    return at.normalize();
  }
}
