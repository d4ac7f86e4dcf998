package io.crirouter.examples.criproxy.bootstrap;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.WRITE;
import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** The files of a node whose root is a folder of this machine. */
final class RootedFiles implements NodeFiles {
  private static final long MAX_BYTES = 1 << 20;
  private static final int MAX_LINKS = 40;
  private static final Set<PosixFilePermission> ALL_READ =
      PosixFilePermissions.fromString("rw-r--r--");
  private static final Set<PosixFilePermission> PRIVATE =
      PosixFilePermissions.fromString("rw-------");

  private final Path root;

  RootedFiles(Path root) {
    this.root = root;
  }

  // Resolves each symbolic link itself: an absolute one starts at the node's root.
  @Override
  public Path locate(String path) throws IOException {
    Deque<String> rest = new ArrayDeque<>();
    push(rest, Path.of(path));
    Path at = root;
    int links = 0;
    while (!rest.isEmpty()) {
      String name = rest.pop();
      if (name.equals("..")) {
        at = at.equals(root) ? root : folder(at);
        continue;
      }
      Path next = at.resolve(name);
      if (!Files.isSymbolicLink(next)) {
        at = next;
        continue;
      }
      if (++links > MAX_LINKS) {
        throw new IOException(path + " has too many links");
      }
      Path target = Files.readSymbolicLink(next);
      at = target.isAbsolute() ? root : at;
      push(rest, target);
    }
    return at;
  }

  private static Path folder(Path path) {
    return requireNonNull(path.getParent(), () -> path + " is in no folder");
  }

  private static void push(Deque<String> rest, Path path) {
    for (int i = path.getNameCount() - 1; i >= 0; i--) {
      String name = path.getName(i).toString();
      if (!name.isEmpty() && !name.equals(".")) {
        rest.push(name);
      }
    }
  }

  @Override
  public Optional<String> read(String path) throws IOException {
    Path file = locate(path);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    if (!Files.isRegularFile(file) || Files.size(file) > MAX_BYTES) {
      throw new IOException(path + " is not a file of at most " + MAX_BYTES + " bytes");
    }
    return Optional.of(Files.readString(file));
  }

  @Override
  public boolean exists(String path) {
    try {
      return Files.exists(locate(path));
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  public List<String> list(String folder) throws IOException {
    Path located = locate(folder);
    if (!Files.isDirectory(located)) {
      return List.of();
    }
    try (Stream<Path> found = Files.list(located)) {
      return found.map(file -> folder + "/" + file.getFileName()).sorted().toList();
    }
  }

  @Override
  public Optional<String> writeProblem(String path) {
    try {
      Path folder = existing(folder(locate(path)));
      Files.delete(
          Files.createTempFile(
              folder, ".criproxy", "", PosixFilePermissions.asFileAttribute(PRIVATE)));
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of(e.toString());
    }
  }

  @Override
  public long usableBytes(String path) throws IOException {
    return Files.getFileStore(existing(locate(path))).getUsableSpace();
  }

  /** The nearest folder that exists. The recursion ends at the root of this machine. */
  private static Path existing(Path path) {
    return Files.exists(path) ? path : existing(folder(path));
  }

  @Override
  public void write(String path, String text) throws IOException {
    write(locate(path), text, ALL_READ);
  }

  @Override
  public void writePrivate(String path, String text) throws IOException {
    write(locate(path), text, PRIVATE);
  }

  private static void write(Path file, String text, Set<PosixFilePermission> mode)
      throws IOException {
    Files.createDirectories(folder(file));
    Path next = file.resolveSibling("." + file.getFileName() + ".criproxy");
    // It exists if an earlier process was killed.
    Files.deleteIfExists(next);
    try {
      writeThrough(next, text);
      keepOwnerAndMode(file, next, mode);
      Files.move(next, file, ATOMIC_MOVE);
    } catch (IOException e) {
      Files.deleteIfExists(next);
      throw e;
    }
    FolderCopy.sync(folder(file));
  }

  private static void writeThrough(Path file, String text) throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            file, Set.of(CREATE_NEW, WRITE), PosixFilePermissions.asFileAttribute(PRIVATE))) {
      ByteBuffer bytes = UTF_8.encode(text);
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
  }

  private static void keepOwnerAndMode(Path from, Path to, Set<PosixFilePermission> otherwise)
      throws IOException {
    PosixFileAttributeView view = Files.getFileAttributeView(to, PosixFileAttributeView.class);
    if (!Files.exists(from)) {
      view.setPermissions(otherwise);
      return;
    }
    PosixFileAttributes attributes = Files.readAttributes(from, PosixFileAttributes.class);
    view.setOwner(attributes.owner());
    view.setGroup(attributes.group());
    view.setPermissions(attributes.permissions());
  }

  @Override
  public void delete(String path) throws IOException {
    Path file = locate(path);
    if (Files.deleteIfExists(file)) {
      FolderCopy.sync(folder(file));
    }
  }

  @Override
  public void copyFolder(Path source, String target) throws IOException {
    Path to = locate(target);
    Path next = to.resolveSibling("." + to.getFileName() + ".criproxy");
    deleteFolder(next);
    Files.createDirectories(folder(to));
    Files.walkFileTree(source, new FolderCopy(source, next));
    Files.move(next, to, ATOMIC_MOVE);
    FolderCopy.sync(folder(to));
  }

  private static void deleteFolder(Path folder) throws IOException {
    if (!Files.exists(folder, NOFOLLOW_LINKS)) {
      return;
    }
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.sorted(Collections.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  /** The path of a link itself, with the links of its folder resolved. */
  private Path locateLink(String path) throws IOException {
    Path link = Path.of(path);
    return locate(folder(link).toString()).resolve(link.getFileName());
  }

  @Override
  public Optional<String> linkTarget(String path) throws IOException {
    Path link = locateLink(path);
    return Files.isSymbolicLink(link)
        ? Optional.of(Files.readSymbolicLink(link).toString())
        : Optional.empty();
  }

  @Override
  public void link(String path, String target) throws IOException {
    Path link = locateLink(path);
    Path next = link.resolveSibling("." + link.getFileName() + ".criproxy");
    Files.deleteIfExists(next);
    Files.createSymbolicLink(next, Path.of(target));
    Files.move(next, link, ATOMIC_MOVE);
    FolderCopy.sync(folder(link));
  }

  @Override
  public void deleteLink(String path) throws IOException {
    Path link = locateLink(path);
    if (Files.deleteIfExists(link)) {
      FolderCopy.sync(folder(link));
    }
  }

  @Override
  public Optional<Lock> lock(String path, String holder) throws IOException {
    Path file = locate(path);
    Files.createDirectories(folder(file));
    FileChannel channel =
        FileChannel.open(
            file, Set.of(CREATE, WRITE), PosixFilePermissions.asFileAttribute(PRIVATE));
    try {
      FileLock held = channel.tryLock();
      if (held != null) {
        channel.truncate(0);
        channel.write(UTF_8.encode(holder));
        return Optional.of(channel::close);
      }
    } catch (OverlappingFileLockException e) {
      // Held by this process itself.
    }
    channel.close();
    return Optional.empty();
  }
}
