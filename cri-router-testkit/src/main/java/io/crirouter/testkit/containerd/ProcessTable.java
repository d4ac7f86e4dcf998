package io.crirouter.testkit.containerd;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Finds and kills what runs on behalf of a folder: its daemons, their shims, and all containers.
 */
final class ProcessTable {
  private static final Path PROC = Path.of("/proc");
  private static final Duration KILL_LIMIT = Duration.ofSeconds(10);

  /** Programs that get the folder on their command line; nobody else's editor may match. */
  private static final Set<String> PROGRAMS =
      Set.of("containerd", "containerd-shim-runc-v2", "runc", "docker-registry");

  /** A line of mountinfo: two numbers, a device, a path in it, and the mount point. */
  private static final Pattern ROOT_MOUNT = Pattern.compile("^\\S+ \\S+ \\S+ \\S+ / ");

  private ProcessTable() {}

  /**
   * Kills until nothing of the folder is left: a shim may start a container, and a daemon a shim,
   * while the table is read.
   */
  static void killAllOf(Path folder) {
    if (!Deadline.in(KILL_LIMIT).await(() -> killOnce(folder) == 0)) {
      throw new IllegalStateException(
          "processes of %s have survived SIGKILL for %d s: %s"
              .formatted(folder, KILL_LIMIT.toSeconds(), allOf(folder)));
    }
  }

  private static int killOnce(Path folder) {
    Set<ProcessHandle> found = allOf(folder);
    found.forEach(ProcessHandle::destroyForcibly);
    return found.size();
  }

  /** Daemons, shims and their descendants, and processes in containers whose shim is gone. */
  static Set<ProcessHandle> allOf(Path folder) {
    Set<ProcessHandle> named =
        ProcessHandle.allProcesses()
            .filter(p -> isNamedFor(folder, p) || isContainerOf(folder, p))
            .collect(Collectors.toSet());
    return Stream.concat(named.stream(), named.stream().flatMap(ProcessHandle::descendants))
        .filter(ProcessTable::isRunning)
        .collect(Collectors.toSet());
  }

  /** A program that lies, or is linked, in the folder is the folder's, whatever it is. */
  private static boolean isNamedFor(Path folder, ProcessHandle process) {
    List<String> arguments = Arrays.asList(read(process, "cmdline").split("\0", -1));
    String path = arguments.get(0);
    if (path.startsWith(folder + "/")) {
      return true;
    }
    return PROGRAMS.contains(path.substring(path.lastIndexOf('/') + 1))
        && arguments.stream().anyMatch(argument -> argument.startsWith(folder + "/"));
  }

  /**
   * A container has a mount namespace of its own, whose root lies in the folder. The root alone
   * tells: services of the host in namespaces of theirs see our mounts too.
   */
  private static boolean isContainerOf(Path folder, ProcessHandle process) {
    String namespace = mountNamespace(Long.toString(process.pid()));
    return !namespace.isEmpty()
        && !namespace.equals(mountNamespace("self"))
        && read(process, "mountinfo")
            .lines()
            .anyMatch(mount -> ROOT_MOUNT.matcher(mount).find() && mount.contains(folder + "/"));
  }

  private static String mountNamespace(String pid) {
    try {
      return Files.readSymbolicLink(PROC.resolve(pid).resolve("ns/mnt")).toString();
    } catch (IOException e) {
      return "";
    }
  }

  /** Whether every thread of a process is stopped. */
  static boolean standsStill(long pid) {
    try (Stream<Path> threads = Files.list(PROC.resolve(pid + "/task"))) {
      return threads.allMatch(thread -> state(thread) == 'T');
    } catch (IOException e) {
      return false;
    }
  }

  /** The letter behind the program's name, which may itself have spaces and parentheses. */
  private static char state(Path thread) {
    try {
      String stat = Files.readString(thread.resolve("stat"), StandardCharsets.ISO_8859_1);
      return stat.charAt(stat.lastIndexOf(')') + 2);
    } catch (IOException e) {
      return '?';
    }
  }

  /** A zombie is dead; whoever inherited it has yet to collect it. */
  private static boolean isRunning(ProcessHandle process) {
    return "ZX?".indexOf(state(PROC.resolve(Long.toString(process.pid())))) < 0;
  }

  /** A file of the process, empty if the process has ended. */
  private static String read(ProcessHandle process, String file) {
    try {
      return Files.readString(
          PROC.resolve(Long.toString(process.pid())).resolve(file), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return "";
    }
  }
}
