package io.crirouter.examples.criproxy.service;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Optional;

/**
 * Identifies one version of a file. It differs after each kind of change: an editor writes the file
 * in place or replaces it, Kubernetes replaces a symbolic link on the path to it.
 *
 * @param file the target of all symbolic links
 * @param key the inode
 * @param modified the time of the last write
 * @param size its size in bytes
 */
record FileSignature(Path file, Optional<Object> key, FileTime modified, long size) {
  /** The signature now; empty if there is no such file. */
  static Optional<FileSignature> of(Path file) {
    try {
      Path real = file.toRealPath();
      BasicFileAttributes found = Files.readAttributes(real, BasicFileAttributes.class);
      return Optional.of(
          new FileSignature(
              real, Optional.ofNullable(found.fileKey()), found.lastModifiedTime(), found.size()));
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
