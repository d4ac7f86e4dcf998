package io.crirouter.examples.criproxy.bootstrap;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads the processes of a node from its proc file system. */
final class ProcessTable {
  /** The index of the start time in {@code stat}, after the program name, which may have spaces. */
  private static final int START_TIME = 19;

  private ProcessTable() {}

  /**
   * Reads the processes.
   *
   * @param reference a process in the node's mount namespace
   */
  static List<NodeProcess> read(Path proc, String reference) throws IOException {
    String own = mounts(proc.resolve(reference));
    List<NodeProcess> processes = new ArrayList<>();
    try (DirectoryStream<Path> folders = Files.newDirectoryStream(proc, "[0-9]*")) {
      for (Path folder : folders) {
        process(folder, own).ifPresent(processes::add);
      }
    }
    return processes;
  }

  /** A process; empty if it has ended, or is a kernel thread. */
  private static Optional<NodeProcess> process(Path folder, String own) {
    try {
      String commandLine = Files.readString(folder.resolve("cmdline"));
      if (commandLine.isEmpty()) {
        return Optional.empty();
      }
      String stat = Files.readString(folder.resolve("stat"));
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
      return Optional.of(
          new NodeProcess(
              Long.parseLong(folder.getFileName().toString()),
              Long.parseLong(fields[START_TIME]),
              List.of(commandLine.split("\0", 0)),
              unit(Files.readString(folder.resolve("cgroup"))),
              !mounts(folder).equals(own)));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static String mounts(Path folder) throws IOException {
    return Files.readSymbolicLink(folder.resolve("ns/mnt")).toString();
  }

  /** The innermost service in the paths of the cgroups. */
  static Optional<String> unit(String cgroups) {
    return cgroups
        .lines()
        .filter(line -> line.startsWith("0::") || line.contains(":name=systemd:"))
        .flatMap(line -> List.of(line.split("/", -1)).stream())
        .filter(part -> part.endsWith(".service"))
        .reduce((outer, inner) -> inner);
  }
}
