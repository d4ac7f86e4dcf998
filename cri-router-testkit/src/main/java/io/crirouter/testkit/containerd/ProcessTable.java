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

/** Finds and kills the processes of a folder: its daemons, their shims, and all containers. */
final class ProcessTable {
  private static final Path PROC = Path.of("/proc");
  private static final Duration KILL_LIMIT = Duration.ofSeconds(10);

  /** Programs that are matched by the folder in their arguments. Others are not killed. */
  private static final Set<String> PROGRAMS =
      Set.of("containerd", "containerd-shim-runc-v2", "runc", "docker-registry");

  /** A line of mountinfo whose mount point, the fifth field, is the root. */
  private static final Pattern ROOT_MOUNT = Pattern.compile("^\\S+ \\S+ \\S+ \\S+ / ");

  private ProcessTable() {}

  /**
   * Kills until no process of the folder is left, because a shim or a container may start while the
   * process table is read.
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

  /** Daemons, shims and their descendants, and processes in containers without a shim. */
  static Set<ProcessHandle> allOf(Path folder) {
    Set<ProcessHandle> named =
        ProcessHandle.allProcesses()
            .filter(p -> isNamedFor(folder, p) || isContainerOf(folder, p))
            .collect(Collectors.toSet());
    return Stream.concat(named.stream(), named.stream().flatMap(ProcessHandle::descendants))
        .filter(ProcessTable::isRunning)
        .collect(Collectors.toSet());
  }

  /** Whether the program is in the folder, or is a known one with the folder in its arguments. */
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
   * Whether the process has its own mount namespace with a root in the folder. Other mounts are not
   * examined, because services of the host with their own namespace see them too.
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
  static boolean isStopped(long pid) {
    try (Stream<Path> threads = Files.list(PROC.resolve(pid + "/task"))) {
      return threads.allMatch(thread -> state(thread) == 'T');
    } catch (IOException e) {
      return false;
    }
  }

  /** The state letter in {@code stat}. The program name before it may contain parentheses. */
  private static char state(Path thread) {
    try {
      String stat = Files.readString(thread.resolve("stat"), StandardCharsets.ISO_8859_1);
      return stat.charAt(stat.lastIndexOf(')') + 2);
    } catch (IOException e) {
      return '?';
    }
  }

  /** Whether the process runs. A zombie, which waits for its parent, does not. */
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
