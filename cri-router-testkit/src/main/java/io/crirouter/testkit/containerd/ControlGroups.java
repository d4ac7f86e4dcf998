package io.crirouter.testkit.containerd;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The control groups of one instance, in all hierarchies of cgroup v1 and v2. */
final class ControlGroups {
  private static final Duration LIMIT = Duration.ofSeconds(5);
  private static final Pattern IN_SPEC = Pattern.compile("\"cgroupsPath\":\"/([^\"]+)\"");

  /** The default parent that containerd uses for pods without {@code cgroup_parent}. */
  private static final String DEFAULT_PARENT = "k8s.io";

  private ControlGroups() {}

  /** The parent group for the pods of {@code owner}; its name is a hash of the path. */
  static String parentFor(Path owner) {
    return "/crt-" + HexFormat.of().formatHex(Sha256.of(owner.toString()), 0, 8);
  }

  /**
   * Removes the groups in {@code specs} (OCI runtime specs in JSON), the {@linkplain #parentFor
   * parent group} of the owner, and their unused parents. Their processes must have ended. Waits
   * for the kernel to release each group.
   *
   * @throws IOException that names a group that stays busy
   */
  static void removeAllOf(Path owner, List<String> specs) throws IOException {
    List<String> named =
        specs.stream()
            .flatMap(spec -> IN_SPEC.matcher(spec).results())
            .map(match -> match.group(1))
            .toList();
    for (Path hierarchy : Mounts.controlGroups()) {
      for (String group : named) {
        Path path = hierarchy.resolve(group).normalize();
        removeTree(path);
        removeUnusedParents(hierarchy, path);
      }
      removeTree(hierarchy.resolve(parentFor(owner).substring(1)));
      // Fails if other runs use it.
      boolean unused = remove(hierarchy.resolve(DEFAULT_PARENT));
    }
  }

  private static void removeTree(Path group) throws IOException {
    if (!Files.isDirectory(group)) {
      return;
    }
    try (Stream<Path> groups = Files.walk(group)) {
      for (Path each :
          groups.filter(Files::isDirectory).sorted(Comparator.reverseOrder()).toList()) {
        if (!Deadline.in(LIMIT).await(() -> remove(each))) {
          throw new IOException("control group " + each + " stays busy");
        }
      }
    }
  }

  private static void removeUnusedParents(Path hierarchy, Path group) {
    Path parent = group.getParent();
    while (parent != null && parent.startsWith(hierarchy) && !parent.equals(hierarchy)) {
      if (!remove(parent)) {
        return;
      }
      parent = parent.getParent();
    }
  }

  /** Removes a group; false if it is in use. */
  private static boolean remove(Path group) {
    try {
      Files.deleteIfExists(group);
      return true;
    } catch (FileSystemException e) {
      return false;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot remove control group " + group, e);
    }
  }
}
