package io.crirouter.grpc;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * A path that is about to become our socket. The claim holds the path's lock from the look at what
 * is there until the socket has its name, so that two starters cannot both find the path free.
 *
 * <p>The socket is bound under another name, in a folder that nobody else may enter, and renamed
 * when its mode is right: at no moment is the path without a socket if it had one, and at no moment
 * can the wrong people connect. (Bound in place, Netty would first delete whatever is there, live
 * servers included.)
 */
final class SocketClaim implements AutoCloseable {
  private static final Logger LOG = System.getLogger(SocketClaim.class.getName());

  /** The temporary name after the folder's: {@code /.xxxxxx/s}. */
  private static final int TEMPORARY_BYTES = 10;

  private static final int SOCKET_TYPE = 0140000;
  private static final int TYPE_MASK = 0170000;

  private final Path socket;
  private final PathLock lock;
  private final Path folder;
  private boolean published;

  private SocketClaim(Path socket, PathLock lock, Path folder) {
    this.socket = socket;
    this.lock = lock;
    this.folder = folder;
  }

  /**
   * Claims {@code socket}.
   *
   * @param takeOver whether a live server that listens there is to be replaced
   * @throws IOException if the path cannot be used; the message says why
   */
  static SocketClaim of(Path socket, boolean takeOver) throws IOException {
    Path path = socket.toAbsolutePath();
    @Nullable Path parent = path.getParent();
    if (parent == null) {
      throw new IOException(path + " cannot be a socket: name a file");
    }
    requireFits(path, parent);
    if (!Files.isDirectory(parent)) {
      throw new IOException(
          "cannot listen on "
              + path
              + ": the folder "
              + parent
              + " does not exist; create it first");
    }
    try {
      return claim(path, parent, takeOver);
    } catch (AccessDeniedException e) {
      throw new IOException(
          "cannot listen on " + path + ": no permission to create files in " + parent, e);
    }
  }

  private static SocketClaim claim(Path path, Path parent, boolean takeOver) throws IOException {
    PathLock lock = PathLock.acquire(path);
    try {
      requireReplaceable(path, takeOver);
      return new SocketClaim(path, lock, freshFolder(parent));
    } catch (IOException | RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  /** The name to bind for now. */
  Path temporary() {
    return folder.resolve("s");
  }

  /**
   * Gives the socket, bound at {@link #temporary}, its mode, group and final name.
   *
   * @param group null leaves the group as it is
   */
  PublishedSocket publish(Set<PosixFilePermission> mode, @Nullable String group)
      throws IOException {
    Path bound = temporary();
    if (group != null) {
      chgrp(bound, group);
    }
    Files.setPosixFilePermissions(bound, mode);
    PublishedSocket result = PublishedSocket.of(socket, bound);
    Files.move(bound, socket, StandardCopyOption.ATOMIC_MOVE);
    published = true;
    return result;
  }

  /** Gives up the lock and cleans up. The socket stays if it was published. */
  @Override
  public void close() {
    try (lock) {
      if (!published) {
        Files.deleteIfExists(temporary());
      }
      Files.deleteIfExists(folder);
    } catch (IOException e) {
      LOG.log(Level.WARNING, () -> "cannot clean up after binding " + socket, e);
    }
  }

  private static void requireFits(Path path, Path parent) throws IOException {
    int length = Math.max(SocketPath.length(path), SocketPath.length(parent) + TEMPORARY_BYTES);
    if (length > SocketPath.MAX_BYTES) {
      throw new IOException(
          "cannot listen on "
              + path
              + ": the path is too long by "
              + (length - SocketPath.MAX_BYTES)
              + " bytes; a UNIX socket's path can have "
              + SocketPath.MAX_BYTES
              + ", and its folder's "
              + (SocketPath.MAX_BYTES - TEMPORARY_BYTES));
    }
  }

  private static void requireReplaceable(Path path, boolean takeOver) throws IOException {
    if (!Files.exists(path, NOFOLLOW_LINKS)) {
      return;
    }
    int mode = (Integer) Files.getAttribute(path, "unix:mode", NOFOLLOW_LINKS);
    if ((mode & TYPE_MASK) != SOCKET_TYPE) {
      throw new IOException(
          "cannot listen on " + path + ": it exists and is no socket; refusing to replace it");
    }
    if (!takeOver && isLive(path)) {
      throw new IOException(
          "cannot listen on " + path + ": another server is listening there; stop it first");
    }
  }

  /** Whether somebody listens at {@code path}, or there is no telling; never waits. */
  static boolean mayBeLive(Path path) {
    try {
      return isLive(path);
    } catch (IOException e) {
      return true;
    }
  }

  /** Whether somebody listens at {@code path}; never waits. */
  private static boolean isLive(Path path) throws IOException {
    try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      probe.configureBlocking(false);
      // A connection that is pending has found a listener, though a busy one.
      probe.connect(UnixDomainSocketAddress.of(path));
      return true;
    } catch (IOException e) {
      if (refused(e)) {
        return false;
      }
      throw new IOException(
          "cannot listen on "
              + path
              + ": cannot tell whether another server is listening there: "
              + e.getMessage(),
          e);
    }
  }

  private static boolean refused(IOException e) {
    return e instanceof ConnectException || String.valueOf(e.getMessage()).contains("refused");
  }

  private static Path freshFolder(Path parent) throws IOException {
    while (true) {
      // Short, since socket paths are; 36^6 names make a clash rare.
      String name = Integer.toString(ThreadLocalRandom.current().nextInt(60_466_176), 36);
      Path folder = parent.resolve("." + "0".repeat(6 - name.length()) + name);
      try {
        return Files.createDirectory(
            folder,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      } catch (FileAlreadyExistsException e) {
        // The next name then.
      }
    }
  }

  private static void chgrp(Path path, String group) throws IOException {
    try {
      Files.getFileAttributeView(path, PosixFileAttributeView.class)
          .setGroup(
              path.getFileSystem()
                  .getUserPrincipalLookupService()
                  .lookupPrincipalByGroupName(group));
    } catch (UserPrincipalNotFoundException e) {
      throw new IOException("the socket's group '" + group + "' does not exist on this machine", e);
    }
  }
}
