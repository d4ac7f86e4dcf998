package io.crirouter.grpc;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A socket of ours in its place, known by device and inode: somebody else may have put another one
 * under its name since.
 *
 * @param path the socket's path
 * @param identity the file's device and inode
 */
record PublishedSocket(Path path, Map<String, Object> identity) {
  /** What has become of the socket's file. */
  enum State {
    /** It is there, or there is no telling. */
    OURS,
    /** Nothing is there. */
    GONE,
    /** Somebody has put another file there. */
    REPLACED
  }

  /** The socket that is now bound at {@code bound} and will be known as {@code path}. */
  static PublishedSocket of(Path path, Path bound) throws IOException {
    return new PublishedSocket(path, identityOf(bound));
  }

  /** Looks at the file; to be called while it still listens. */
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
   * Removes the socket if it is still ours. To be called while it still listens: afterwards the
   * kernel may give its inode number to another file.
   */
  void remove() throws IOException {
    try (@Nullable PathLock lock = PathLock.tryAcquire(path)) {
      // Whoever holds the lock is about to replace our socket with a new one.
      if (lock != null && identityOf(path).equals(identity)) {
        Files.delete(path);
      }
    } catch (NoSuchFileException e) {
      // Somebody has removed it, or the whole folder.
    }
  }

  private static Map<String, Object> identityOf(Path path) throws IOException {
    return Map.copyOf(Files.readAttributes(path, "unix:dev,ino", NOFOLLOW_LINKS));
  }
}
