package io.crirouter.examples.criproxy.bootstrap;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The files of a node. Paths are absolute and as the node sees them; links are followed as the node
 * follows them.
 */
interface NodeFiles {
  /** Where a file of the node is on this machine. */
  Path locate(String path) throws IOException;

  /**
   * The text of a file, or empty if there is none.
   *
   * @throws IOException if it is no regular file, is larger than 1 MiB or is not written in UTF-8
   */
  Optional<String> read(String path) throws IOException;

  boolean exists(String path);

  /** The paths of what is in a folder, sorted; none if there is no such folder. */
  List<String> list(String folder) throws IOException;

  /** Why no file can be written in the folder of {@code path}, or empty if one can. */
  Optional<String> whyNotWritable(String path);

  /** How many bytes can be written to the file system that {@code path} is or would be on. */
  long usableBytes(String path) throws IOException;

  /**
   * Writes a file so that it has either its old content or the new one, whatever happens. It keeps
   * its owner and mode; a new one can be read by all. Makes the folders that are missing.
   */
  void write(String path, String text) throws IOException;

  /** The same, but only the owner may read the file. */
  void writePrivate(String path, String text) throws IOException;

  /** Deletes a file, if it is there. */
  void delete(String path) throws IOException;

  /**
   * Copies the folder {@code source} of this machine with modes and dates to a folder that is not
   * there.
   */
  void copyFolder(Path source, String target) throws IOException;

  /** Where a link leads to, as it is written; empty if there is none. */
  Optional<String> linkTarget(String path) throws IOException;

  /** Makes a link, or lets one lead elsewhere, so that it is never missing. */
  void link(String path, String target) throws IOException;

  /** Deletes a link, and nothing of what it leads to. */
  void deleteLink(String path) throws IOException;

  /**
   * Holds a file against all other processes.
   *
   * @param holder what the file says of who holds it
   * @return empty if another holds it
   */
  Optional<Lock> lock(String path, String holder) throws IOException;

  /** A file that is held. */
  interface Lock extends AutoCloseable {
    @Override
    void close() throws IOException;
  }
}
