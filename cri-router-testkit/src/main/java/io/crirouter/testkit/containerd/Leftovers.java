package io.crirouter.testkit.containerd;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Removes all processes, mounts, interfaces and files of the daemons of one folder, and the folder.
 *
 * <p>It needs only the path of the folder. So the same code runs at the end of a test, after a
 * failed start, and for runs that were killed.
 */
final class Leftovers {
  /** The result cache of libcni, one file per attachment. containerd cannot configure it. */
  private static final Path CNI_RESULTS = Path.of("/var/lib/cni/results");

  /** Shims always listen outside of the state folder. */
  private static final Pattern SHIM_SOCKET =
      Pattern.compile("unix://(/run/containerd/s/[0-9a-f]{64})");

  private Leftovers() {}

  /**
   * Kills, unmounts and deletes. The folder need not exist.
   *
   * @throws RuntimeException that names what could not be removed; the folder is kept then, so that
   *     the next run tries again
   */
  static void remove(Path folder) {
    try {
      ProcessTable.killAllOf(folder);
      List<String> bundles = bundleFiles(folder);
      Mounts.detachBelow(folder);
      Bridge.removeAllOf(folder);
      removeCniResults(folder);
      ControlGroups.removeAllOf(folder, bundles);
      for (String bundle : bundles) {
        removeShimSocket(bundle);
      }
      deleteTree(folder);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot remove everything of " + folder, e);
    }
  }

  /** The OCI specs and shim addresses of all containers, which name resources elsewhere. */
  private static List<String> bundleFiles(Path folder) throws IOException {
    Path bundles = folder.resolve("state/io.containerd.runtime.v2.task");
    List<String> contents = new ArrayList<>();
    if (Files.isDirectory(bundles)) {
      try (Stream<Path> files =
          Files.find(bundles, 3, (path, attributes) -> attributes.isRegularFile())) {
        for (Path file : files.toList()) {
          contents.add(Files.readString(file, StandardCharsets.ISO_8859_1));
        }
      }
    }
    return contents;
  }

  private static void removeCniResults(Path folder) throws IOException {
    if (!Files.isDirectory(CNI_RESULTS)) {
      return;
    }
    try (Stream<Path> results = Files.list(CNI_RESULTS)) {
      for (Path result : results.toList()) {
        if (mentions(result, folder)) {
          Files.deleteIfExists(result);
        }
      }
    }
  }

  private static boolean mentions(Path result, Path folder) throws IOException {
    try {
      return Files.readString(result).contains(folder + "/");
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  private static void removeShimSocket(String bundle) throws IOException {
    Matcher matcher = SHIM_SOCKET.matcher(bundle);
    while (matcher.find()) {
      Files.deleteIfExists(Path.of(matcher.group(1)));
    }
  }

  private static void deleteTree(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.deleteIfExists(file);
            return FileVisitResult.CONTINUE;
          }

          /** Another run may be removing the same folder. */
          @Override
          public FileVisitResult visitFileFailed(Path file, IOException failure)
              throws IOException {
            if (failure instanceof NoSuchFileException) {
              return FileVisitResult.CONTINUE;
            }
            throw failure;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure)
              throws IOException {
            if (failure != null) {
              throw failure;
            }
            Files.deleteIfExists(directory);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
