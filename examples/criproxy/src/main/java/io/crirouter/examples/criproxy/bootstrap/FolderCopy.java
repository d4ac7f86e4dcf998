package io.crirouter.examples.criproxy.bootstrap;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.nio.file.StandardCopyOption.COPY_ATTRIBUTES;
import static java.nio.file.StandardOpenOption.READ;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/** Copies files, folders and links with their modes and dates, and syncs them to the disk. */
final class FolderCopy extends SimpleFileVisitor<Path> {
  private final Path source;
  private final Path target;

  FolderCopy(Path source, Path target) {
    this.source = source;
    this.target = target;
  }

  private Path copied(Path path) {
    return target.resolve(source.relativize(path).toString());
  }

  @Override
  public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes)
      throws IOException {
    Files.copy(folder, copied(folder), COPY_ATTRIBUTES);
    return FileVisitResult.CONTINUE;
  }

  @Override
  public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
    Files.copy(file, copied(file), COPY_ATTRIBUTES, NOFOLLOW_LINKS);
    if (attributes.isRegularFile()) {
      sync(copied(file));
    }
    return FileVisitResult.CONTINUE;
  }

  @Override
  public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException failure)
      throws IOException {
    FileVisitResult result = super.postVisitDirectory(folder, failure);
    sync(copied(folder));
    return result;
  }

  /** Syncs a file or the entries of a folder to the disk. */
  static void sync(Path path) throws IOException {
    try (FileChannel channel = FileChannel.open(path, READ)) {
      channel.force(true);
    }
  }
}
