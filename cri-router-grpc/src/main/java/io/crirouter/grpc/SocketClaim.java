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
 * The right to bind a socket at a path. It holds the {@link PathLock} from the check of the path
 * until the socket is in place, so that two servers cannot both find the path free.
 *
 * <p>The socket is bound under a temporary name, in a folder that only the owner may enter, and
 * moved to its path when its mode is set. So a path that had a socket always has one, and no other
 * user can connect in between. (If the path were bound directly, Netty would first delete what is
 * there, even the socket of a live server.)
 */
final class SocketClaim implements AutoCloseable {
  private static final Logger LOG = System.getLogger(SocketClaim.class.getName());

  /** The length of the temporary name in the parent folder: {@code /.xxxxxx/s}. */
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
   * @param takeOver whether to replace a live server that listens there
   * @throws IOException if the path cannot be used; the message tells why
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
      return new SocketClaim(path, lock, newFolder(parent));
    } catch (IOException | RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  /** The path to bind the socket at before {@link #publish}. */
  Path temporary() {
    return folder.resolve("s");
  }

  /**
   * Sets mode and group of the socket at {@link #temporary}, and moves it to its path.
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

  /** Releases the lock and removes temporary files. The socket stays if it was published. */
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

  /** Whether a server listens at {@code path}, or that cannot be found out. Does not wait. */
  static boolean mayBeLive(Path path) {
    try {
      return isLive(path);
    } catch (IOException e) {
      return true;
    }
  }

  /** Whether a server listens at {@code path}. Does not wait. */
  private static boolean isLive(Path path) throws IOException {
    try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      probe.configureBlocking(false);
      // A pending connection has found a listener whose backlog is full.
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

  private static Path newFolder(Path parent) throws IOException {
    while (true) {
      // The name is short because socket paths are.
      String name = String.format("%06x", ThreadLocalRandom.current().nextInt(1 << 24));
      Path folder = parent.resolve("." + name);
      try {
        return Files.createDirectory(
            folder,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      } catch (FileAlreadyExistsException e) {
        // Try another name.
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
