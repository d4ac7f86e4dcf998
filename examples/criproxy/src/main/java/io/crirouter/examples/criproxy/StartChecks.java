package io.crirouter.examples.criproxy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import io.crirouter.core.IdStrategy;
import io.crirouter.core.StateStore;
import io.crirouter.examples.criproxy.config.BackendConfig;
import io.crirouter.examples.criproxy.config.BadConfigurationException;
import io.crirouter.examples.criproxy.config.Origin;
import io.crirouter.examples.criproxy.config.ProxyConfig;
import io.crirouter.examples.criproxy.logging.ErrorText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
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

  /** What criproxy.service makes when it starts, and takes away when it stops. */
  private static final List<Path> SERVICE_FOLDERS =
      List.of(Path.of("/run/criproxy"), Path.of("/var/lib/criproxy"));

  private StartChecks() {}

  /** A check of one value. */
  @FunctionalInterface
  private interface Check {
    void run() throws BadConfigurationException;
  }

  /** The folders of {@code config} that are not there, but will be when the service starts. */
  static Set<Path> foldersToCome(ProxyConfig config) {
    return Stream.of(Optional.of(config.listen()), config.adminSocket(), config.stateFile())
        .flatMap(Optional::stream)
        .map(file -> file.resolveSibling(""))
        .filter(folder -> SERVICE_FOLDERS.stream().anyMatch(folder::startsWith))
        .filter(folder -> !Files.exists(folder))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** Whether a proxy can start with {@code config} on this machine. Changes nothing there. */
  static void require(ProxyConfig config) throws BadConfigurationException {
    require(config, Set.of());
  }

  /**
   * The same, once some folders are there.
   *
   * @param toCome folders that are not looked into
   */
  static void require(ProxyConfig config, Set<Path> toCome) throws BadConfigurationException {
    requireDistinct(config.listen(), config.backends());
    for (BackendConfig backend : config.backends()) {
      at(backend.origin(), () -> requireShort(backend.socket()));
    }
    if (!isIn(toCome, config.listen())) {
      at(config.origin("listen"), () -> requireListenable(config.listen()));
    }
    if (config.adminSocket().isPresent()) {
      Path admin = config.adminSocket().get();
      at(config.adminOrigin(), () -> requireOwn(config, admin));
      if (!isIn(toCome, admin)) {
        at(config.adminOrigin(), () -> requireListenable(admin));
      }
    }
    if (config.socketGroup().isPresent()) {
      String group = config.socketGroup().get();
      at(config.origin("socketGroup"), () -> requireGroup(config.listen(), group));
    }
    if (config.stateFile().isPresent() && !isIn(toCome, config.stateFile().get())) {
      Path file = config.stateFile().get();
      at(config.origin("stateFile"), () -> requireStateFile(file));
    }
  }

  private static boolean isIn(Set<Path> folders, Path file) {
    return folders.contains(file.resolveSibling(""));
  }

  /** What works, but not as well as it could. */
  static List<String> warnings(ProxyConfig config) {
    boolean forgetsOwners =
        config.ids().equals(IdStrategy.nativeIds()) && config.stateFile().isEmpty();
    return forgetsOwners
        ? List.of(
            "native ids without a state file (--state-file, stateFile): after a restart, what an id"
                + " belongs to is not known while a runtime is away")
        : List.of();
  }

  /** Lets the message begin with where the value comes from. */
  private static void at(Origin origin, Check check) throws BadConfigurationException {
    try {
      check.run();
    } catch (BadConfigurationException e) {
      throw new BadConfigurationException(origin.place() + ": " + e.getMessage(), e);
    }
  }

  /** Whether nobody else has the admin socket. */
  private static void requireOwn(ProxyConfig config, Path admin) throws BadConfigurationException {
    if (isSame(admin, config.listen())) {
      throw unusable(admin, "the kubelet's socket is there: " + both(admin, config.listen()), null);
    }
    for (BackendConfig backend : config.backends()) {
      if (isSame(admin, backend.socket())) {
        throw unusable(
            admin, "runtime " + backend.name() + " does: " + both(admin, backend.socket()), null);
      }
    }
  }

  private static void requireShort(Path socket) throws BadConfigurationException {
    if (bytes(socket) > MAX_SOCKET_BYTES) {
      throw new BadConfigurationException(
          socket + " cannot be a socket: the path has more than " + MAX_SOCKET_BYTES + " bytes",
          null);
    }
  }

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
      throw unusable(path, "no file can be created in " + folder + ": " + ErrorText.of(e), e);
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
      throw unusable(path, ErrorText.of(e), e);
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
  private static void requireGroup(Path listen, String group) throws BadConfigurationException {
    try {
      Object unused =
          listen.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByGroupName(group);
    } catch (IOException e) {
      throw new BadConfigurationException(
          "the socket's group '" + group + "' does not exist on this machine", e);
    }
  }

  /** Whether the state can be kept in {@code file}. */
  private static void requireStateFile(Path file) throws BadConfigurationException {
    try {
      StateStore unused = StateStore.file(file, Runnable::run);
    } catch (IOException e) {
      throw new BadConfigurationException(String.valueOf(e.getMessage()), e);
    }
  }

  /** Whether all sockets are different ones: a proxy that is its own runtime calls itself. */
  private static void requireDistinct(Path listen, List<BackendConfig> backends)
      throws BadConfigurationException {
    for (int i = 0; i < backends.size(); i++) {
      BackendConfig backend = backends.get(i);
      if (isSame(listen, backend.socket())) {
        throw wrong(
            backend.origin(),
            "the proxy cannot listen where runtime %s does: %s"
                .formatted(backend.name(), both(listen, backend.socket())));
      }
      for (BackendConfig other : backends.subList(0, i)) {
        if (isSame(other.socket(), backend.socket())) {
          throw wrong(
              backend.origin(),
              "runtimes %s and %s have one socket: %s"
                  .formatted(other.name(), backend.name(), both(other.socket(), backend.socket())));
        }
      }
    }
  }

  private static BadConfigurationException wrong(Origin origin, String what) {
    return new BadConfigurationException(origin.place() + ": " + what, null);
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
