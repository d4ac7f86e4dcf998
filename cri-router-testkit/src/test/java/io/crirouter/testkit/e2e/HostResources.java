package io.crirouter.testkit.e2e;

import io.crirouter.testkit.containerd.ContainerdInstance;
import io.crirouter.testkit.containerd.ContainerdPair;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The resources of a pair on this machine: its folder, bridges and control groups, and the
 * processes that have its folder in their arguments or mounts.
 *
 * @param run the folder
 * @param outside files that represent resources outside of the folder
 */
record HostResources(Path run, List<Path> outside) {
  private static final Path PROCESSES = Path.of("/proc");
  private static final Path CONTROL_GROUPS = Path.of("/sys/fs/cgroup");

  static HostResources of(ContainerdPair pair) {
    List<Path> outside = new ArrayList<>();
    for (ContainerdInstance runtime : List.of(pair.primary(), pair.special())) {
      outside.add(Path.of("/sys/class/net", runtime.bridge()));
      String parent = runtime.cgroupParent().substring(1);
      outside.add(CONTROL_GROUPS.resolve(parent));
      list(CONTROL_GROUPS).map(hierarchy -> hierarchy.resolve(parent)).forEach(outside::add);
    }
    return new HostResources(pair.run().path(), outside);
  }

  /** The resources that exist now. */
  List<Path> left() {
    List<Path> left = new ArrayList<>();
    Stream.concat(Stream.of(run), outside.stream()).filter(Files::exists).forEach(left::add);
    list(PROCESSES)
        .filter(process -> process.getFileName().toString().matches("\\d+|self"))
        .filter(process -> mentions(process, "cmdline") || mentions(process, "mountinfo"))
        .forEach(left::add);
    return left;
  }

  private boolean mentions(Path process, String file) {
    try {
      return Files.readString(process.resolve(file), StandardCharsets.ISO_8859_1)
          .contains(run.toString());
    } catch (IOException e) {
      return false; // The process has ended.
    }
  }

  private static Stream<Path> list(Path folder) {
    try (Stream<Path> all = Files.list(folder)) {
      return all.toList().stream();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot list " + folder, e);
    }
  }
}
