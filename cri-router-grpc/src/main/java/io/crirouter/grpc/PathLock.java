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
 * A lock on the path of a socket, against other processes and in this one: a lock on the file
 * {@code PATH.lock}. The file is never deleted: after that two processes could hold the lock.
 */
final class PathLock implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(5);
  private static final Duration PAUSE = Duration.ofMillis(10);

  /**
   * The lock files held by this process. A file lock belongs to the process, and is released when
   * the process closes any descriptor of the file. So the file must not be opened twice.
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

  /** Waits up to 5 s for the lock of {@code socket}. Blocks. */
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

  /** The lock of {@code socket} if it is free, else null. */
  static @Nullable PathLock tryAcquire(Path socket) throws IOException {
    Path path = fileOf(socket);
    if (!HELD_HERE.add(path)) {
      return null;
    }
    @Nullable FileChannel file = null;
    @Nullable FileLock lock = null;
    try {
      requireFile(socket, path);
      // Opened for reading and writing: that does not block even if a FIFO has replaced the file.
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
        release(path, file);
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
      release(path, file);
    }
  }

  private static void release(Path path, @Nullable FileChannel file) throws IOException {
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
