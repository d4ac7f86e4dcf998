package io.crirouter.testkit.containerd;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;

/** The mount table of this process. */
final class Mounts {
  private static final Path TABLE = Path.of("/proc/self/mountinfo");

  /** The index of the mount point in a line of the table. */
  private static final int MOUNT_POINT = 4;

  private Mounts() {}

  /** The mount points below a folder, oldest first. The path must not contain spaces. */
  static List<String> below(Path folder) {
    List<String> found = new ArrayList<>();
    for (String line : lines()) {
      String mountPoint = line.split(" ", -1)[MOUNT_POINT];
      if (mountPoint.startsWith(folder + "/")) {
        found.add(mountPoint);
      }
    }
    return found;
  }

  /** The mount points of the control group hierarchies, v1 and v2. */
  static List<Path> controlGroups() {
    Set<String> types = Set.of("cgroup", "cgroup2");
    return lines().stream()
        .filter(line -> types.contains(line.split(" - ", -1)[1].split(" ", -1)[0]))
        .map(line -> Path.of(line.split(" ", -1)[MOUNT_POINT]))
        .toList();
  }

  /**
   * Detaches all mounts below a folder, newest first. A lazy unmount also succeeds while the kernel
   * is tearing down a killed container.
   */
  static void detachBelow(Path folder) {
    List<String> mountPoints = new ArrayList<>(below(folder));
    if (mountPoints.isEmpty()) {
      return;
    }
    Collections.reverse(mountPoints);
    List<String> command = new ArrayList<>(List.of("umount", "--lazy", "--"));
    command.addAll(mountPoints);
    Command.Outcome detached = Command.run(command);
    if (!below(folder).isEmpty()) {
      detached.orThrow();
      throw new IllegalStateException("mounts could not be detached: " + below(folder));
    }
  }

  private static List<String> lines() {
    try {
      return Files.readAllLines(TABLE);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + TABLE, e);
    }
  }
}
