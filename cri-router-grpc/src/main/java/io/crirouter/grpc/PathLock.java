package io.crirouter.grpc;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The right to change what a socket's path names: a lock on the file {@code PATH.lock}, which is
 * left there, since deleting a lock file would let two hold it.
 */
final class PathLock implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(5);
  private static final Duration PAUSE = Duration.ofMillis(10);

  /**
   * The lock files held in this process. A file lock belongs to a whole process, and ends when the
   * process closes the file through any descriptor: it must not even be tried a second time.
   */
  private static final Set<Path> HELD_HERE = ConcurrentHashMap.newKeySet();

  private final Path path;
  private final FileChannel file;
  private final FileLock lock;

  private PathLock(Path path, FileChannel file, FileLock lock) {
    this.path = path;
    this.file = file;
    this.lock = lock;
  }

  /** Waits up to 5 s for the lock of {@code socket}; for a caller that may block. */
  static PathLock acquire(Path socket) throws IOException {
    long start = System.nanoTime();
    while (true) {
      @Nullable PathLock lock = tryAcquire(socket);
      if (lock != null) {
        return lock;
      }
      if (System.nanoTime() - start >= LIMIT.toNanos()) {
        throw new IOException(
            "cannot listen on "
                + socket
                + ": another server holds "
                + fileOf(socket)
                + ", so it is about to listen there itself");
      }
      LockSupport.parkNanos(PAUSE.toNanos());
    }
  }

  /** The lock of {@code socket} if it can be had at once, else null. */
  static @Nullable PathLock tryAcquire(Path socket) throws IOException {
    Path path = fileOf(socket);
    if (!HELD_HERE.add(path)) {
      return null;
    }
    @Nullable FileChannel file = null;
    @Nullable FileLock lock = null;
    try {
      requireFile(socket, path);
      // To read it too: opened for that as well, not even a FIFO in its place would make us wait.
      file =
          FileChannel.open(
              path,
              Set.of(
                  StandardOpenOption.CREATE,
                  StandardOpenOption.READ,
                  StandardOpenOption.WRITE,
                  LinkOption.NOFOLLOW_LINKS),
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      lock = file.tryLock();
      return lock == null ? null : new PathLock(path, file, lock);
    } finally {
      if (lock == null) {
        giveUp(path, file);
      }
    }
  }

  private static void requireFile(Path socket, Path path) throws IOException {
    if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)
        && !Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
      throw new IOException(
          "cannot listen on " + socket + ": " + path + " is no regular file; refusing to open it");
    }
  }

  @Override
  public void close() throws IOException {
    try {
      lock.release();
    } finally {
      giveUp(path, file);
    }
  }

  private static void giveUp(Path path, @Nullable FileChannel file) throws IOException {
    try {
      if (file != null) {
        file.close();
      }
    } finally {
      HELD_HERE.remove(path);
    }
  }

  private static Path fileOf(Path socket) {
    return socket.resolveSibling(socket.getFileName() + ".lock");
  }
}
