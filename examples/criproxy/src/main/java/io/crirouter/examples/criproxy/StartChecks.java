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

/** Checks a configuration against this machine before anything is connected, bound or written. */
final class StartChecks {
  /** The length limit of a socket's path. */
  private static final int MAX_SOCKET_BYTES = 107;

  /** What the server appends to the folder's path while it binds. */
  private static final int TEMPORARY_BYTES = 10;

  private static final int MAX_LINKS = 40;
  private static final int SOCKET_TYPE = 0140000;
  private static final int TYPE_MASK = 0170000;

  /** The folders that criproxy.service creates when it starts. */
  private static final List<Path> SERVICE_FOLDERS =
      List.of(Path.of("/run/criproxy"), Path.of("/var/lib/criproxy"));

  private StartChecks() {}

  /** A check of one value. */
  @FunctionalInterface
  private interface Check {
    void run() throws BadConfigurationException;
  }

  /** The folders of {@code config} that do not exist yet, but that the service creates. */
  static Set<Path> missingServiceFolders(ProxyConfig config) {
    return Stream.of(Optional.of(config.listen()), config.adminSocket(), config.stateFile())
        .flatMap(Optional::stream)
        .map(file -> file.resolveSibling(""))
        .filter(folder -> SERVICE_FOLDERS.stream().anyMatch(folder::startsWith))
        .filter(folder -> !Files.exists(folder))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** Checks that a proxy can start with {@code config} on this machine. Changes nothing. */
  static void require(ProxyConfig config) throws BadConfigurationException {
    require(config, Set.of());
  }

  /**
   * Like {@link #require(ProxyConfig)}, without the checks of some folders.
   *
   * @param unchecked the folders
   */
  static void require(ProxyConfig config, Set<Path> unchecked) throws BadConfigurationException {
    requireDistinct(config.listen(), config.backends());
    for (BackendConfig backend : config.backends()) {
      at(backend.origin(), () -> requireShort(backend.socket()));
    }
    if (!isIn(unchecked, config.listen())) {
      at(config.origin("listen"), () -> requireListenable(config.listen()));
    }
    if (config.adminSocket().isPresent()) {
      Path admin = config.adminSocket().get();
      at(config.adminOrigin(), () -> requireUnshared(config, admin));
      if (!isIn(unchecked, admin)) {
        at(config.adminOrigin(), () -> requireListenable(admin));
      }
    }
    if (config.socketGroup().isPresent()) {
      String group = config.socketGroup().get();
      at(config.origin("socketGroup"), () -> requireGroup(config.listen(), group));
    }
    if (config.stateFile().isPresent() && !isIn(unchecked, config.stateFile().get())) {
      Path file = config.stateFile().get();
      at(config.origin("stateFile"), () -> requireStateFile(file));
    }
  }

  private static boolean isIn(Set<Path> folders, Path file) {
    return folders.contains(file.resolveSibling(""));
  }

  /** Settings that work but have a disadvantage. */
  static List<String> warnings(ProxyConfig config) {
    boolean forgetsOwners =
        config.ids().equals(IdStrategy.nativeIds()) && config.stateFile().isEmpty();
    return forgetsOwners
        ? List.of(
            "native ids without a state file (--state-file, stateFile): after a restart, the owner"
                + " of an id is unknown while a runtime is down")
        : List.of();
  }

  /** Runs a check. Its message begins with the origin of the value. */
  private static void at(Origin origin, Check check) throws BadConfigurationException {
    try {
      check.run();
    } catch (BadConfigurationException e) {
      throw new BadConfigurationException(origin.place() + ": " + e.getMessage(), e);
    }
  }

  /** Checks that the admin socket is neither the kubelet's nor that of a runtime. */
  private static void requireUnshared(ProxyConfig config, Path admin)
      throws BadConfigurationException {
    if (isSame(admin, config.listen())) {
      throw unusable(admin, "the kubelet's socket is there: " + both(admin, config.listen()), null);
    }
    for (BackendConfig backend : config.backends()) {
      if (isSame(admin, backend.socket())) {
        throw unusable(
            admin,
            "runtime " + backend.name() + " listens there: " + both(admin, backend.socket()),
            null);
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

  /** Checks that the proxy can listen on {@code listen}, as far as the file system shows. */
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

  /** Checks that the group exists. */
  private static void requireGroup(Path listen, String group) throws BadConfigurationException {
    try {
      Object unused =
          listen.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByGroupName(group);
    } catch (IOException e) {
      throw new BadConfigurationException(
          "the socket's group '" + group + "' does not exist on this machine", e);
    }
  }

  /** Checks that the state can be saved in {@code file}. */
  private static void requireStateFile(Path file) throws BadConfigurationException {
    try {
      StateStore unused = StateStore.file(file, Runnable::run);
    } catch (IOException e) {
      throw new BadConfigurationException(String.valueOf(e.getMessage()), e);
    }
  }

  /** Checks that all sockets differ. A proxy that is its own runtime would call itself. */
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
      // One of them does not exist, so they are not the same file.
      return false;
    }
  }

  /** The target of symbolic links, also if it does not exist yet. */
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
      // A folder does not exist yet.
    }
    return at.normalize();
  }
}
