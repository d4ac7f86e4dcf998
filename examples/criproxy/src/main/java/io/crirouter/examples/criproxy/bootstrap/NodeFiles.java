package io.crirouter.examples.criproxy.bootstrap;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The files of a node. Paths are absolute paths of the node. Symbolic links are resolved from its
 * root.
 */
interface NodeFiles {
  /** The path of a file of the node on this machine. */
  Path locate(String path) throws IOException;

  /**
   * The text of a file, or empty if there is none.
   *
   * @throws IOException if it is not a regular file, is larger than 1 MiB or is not UTF-8
   */
  Optional<String> read(String path) throws IOException;

  boolean exists(String path);

  /** The paths of the entries of a folder, sorted; none if there is no such folder. */
  List<String> list(String folder) throws IOException;

  /** Why no file can be written in the folder of {@code path}, or empty if one can. */
  Optional<String> writeProblem(String path);

  /** The free bytes of the file system of {@code path}, which need not exist. */
  long usableBytes(String path) throws IOException;

  /**
   * Writes a file atomically. It keeps its owner and mode; all users can read a new file. Creates
   * missing folders.
   */
  void write(String path, String text) throws IOException;

  /** Like {@link #write}, but only the owner can read a new file. */
  void writePrivate(String path, String text) throws IOException;

  /** Deletes a file, if it exists. */
  void delete(String path) throws IOException;

  /**
   * Copies the folder {@code source} of this machine with modes and dates to a folder that does not
   * exist.
   */
  void copyFolder(Path source, String target) throws IOException;

  /** The unresolved target of a symbolic link; empty if there is none. */
  Optional<String> linkTarget(String path) throws IOException;

  /** Creates a symbolic link, or replaces it atomically. */
  void link(String path, String target) throws IOException;

  /** Deletes a symbolic link, but not its target. */
  void deleteLink(String path) throws IOException;

  /**
   * Locks a file against all other processes.
   *
   * @param holder written into the file, to identify who holds it
   * @return empty if another process holds it
   */
  Optional<Lock> lock(String path, String holder) throws IOException;

  /** A lock, which is released by closing it. */
  interface Lock extends AutoCloseable {
    @Override
    void close() throws IOException;
  }
}
