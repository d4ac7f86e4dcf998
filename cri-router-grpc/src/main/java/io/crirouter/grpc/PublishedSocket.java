package io.crirouter.grpc;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A socket of this process at its path. It is identified by device and inode, because another
 * process may have replaced it.
 *
 * @param path the socket's path
 * @param identity the file's device and inode
 */
record PublishedSocket(Path path, Map<String, Object> identity) {
  /** The state of the socket's file. */
  enum State {
    /** It is in place, or that cannot be found out. */
    OURS,
    /** There is no file. */
    GONE,
    /** There is another file. */
    REPLACED
  }

  /** The socket that is bound at {@code bound} and will be moved to {@code path}. */
  static PublishedSocket of(Path path, Path bound) throws IOException {
    return new PublishedSocket(path, identityOf(bound));
  }

  /** Reads the state. To be called while the server still listens. */
  State state() {
    try {
      return identityOf(path).equals(identity) ? State.OURS : State.REPLACED;
    } catch (NoSuchFileException e) {
      return State.GONE;
    } catch (IOException e) {
      return State.OURS;
    }
  }

  /**
   * Removes the socket if it is not replaced. To be called while the server still listens: after
   * that the kernel may reuse the inode number.
   */
  void remove() throws IOException {
    try (@Nullable PathLock lock = PathLock.tryAcquire(path)) {
      // The holder of the lock is about to replace the socket.
      if (lock != null && identityOf(path).equals(identity)) {
        Files.delete(path);
      }
    } catch (NoSuchFileException e) {
      // The socket or its folder is removed already.
    }
  }

  private static Map<String, Object> identityOf(Path path) throws IOException {
    return Map.copyOf(Files.readAttributes(path, "unix:dev,ino", NOFOLLOW_LINKS));
  }
}
