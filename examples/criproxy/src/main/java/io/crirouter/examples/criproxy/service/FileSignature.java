package io.crirouter.examples.criproxy.service;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Optional;

/**
 * By what a file is recognised as unchanged, at the end of all links. An editor writes it in place
 * or puts another one in its place, Kubernetes turns the link of a folder on the way to it: each
 * changes one of these.
 *
 * @param file where the links lead
 * @param key the inode
 * @param modified when it was written last
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
