package io.crirouter.examples.node;

import io.crirouter.testkit.containerd.ContainerdLine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The file system as the kubelet and the runtimes of one node see it: the machine's, but with
 * folders of the node's own where kubelets put files whatever they are told, and with files instead
 * of the kernel's settings that they change. So two nodes can be on one machine, and the machine
 * stays as it is, also when everything is killed: the kernel drops the namespace with its last
 * process.
 *
 * <p>It may be a machine of its own besides, on which programs can be installed: with a first
 * process, and with /etc, /usr and /run that begin as the machine's but change for themselves.
 */
final class NodeNamespace implements AutoCloseable {
  /** What a kubelet writes. */
  private static final Map<String, String> SETTINGS =
      Map.of(
          "vm/overcommit_memory", "1",
          "vm/panic_on_oom", "0",
          "kernel/panic", "10",
          "kernel/panic_on_oops", "1",
          "kernel/keys/root_maxkeys", "1000000",
          "kernel/keys/root_maxbytes", "25000000");

  private static final List<String> PLACES = List.of("/var/log", "/var/lib/kubelet");
  private static final List<String> CHANGEABLE = List.of("/etc", "/usr");

  private final Path folder;
  private final HostProcess holder;
  private final boolean isMachine;

  private NodeNamespace(Path folder, HostProcess holder, boolean isMachine) {
    this.folder = folder;
    this.holder = holder;
    this.isMachine = isMachine;
  }

  /** Makes one; its folders and programs are in {@code folder}. */
  static NodeNamespace create(Path folder) throws IOException {
    return create(folder, false, own(folder, PLACES));
  }

  /**
   * Makes one that is a machine of its own, where systemd seems to run. What runs in it ends with
   * it.
   *
   * @param places more folders of its own
   */
  static NodeNamespace createMachine(Path folder, List<String> places) throws IOException {
    List<String> mounts = new ArrayList<>();
    mounts.add("mount -t proc proc /proc");
    for (String place : CHANGEABLE) {
      Path upper = Files.createDirectories(folder.resolve("upper" + place));
      Path work = Files.createDirectories(folder.resolve("work" + place));
      mounts.add(
          "mount -t overlay -o lowerdir=%1$s,upperdir=%2$s,workdir=%3$s overlay %1$s"
              .formatted(place, upper, work));
    }
    mounts.add("mount -t tmpfs tmpfs /run");
    mounts.add("mkdir -p /run/systemd/system");
    mounts.addAll(own(folder, PLACES));
    mounts.addAll(own(folder, places));
    return create(folder, true, mounts);
  }

  private static NodeNamespace create(Path folder, boolean isMachine, List<String> mounts)
      throws IOException {
    Path ready = folder.resolve("namespace-ready");
    // Busybox tells by its own name what it is to be.
    Path sleep = program(folder, "sleep", Path.of("/bin/busybox"));
    List<String> lines = new ArrayList<>(mounts);
    lines.addAll(settings(folder));
    lines.add("touch " + ready);
    // The first process of a machine is the parent of orphans: a shell that waits buries them.
    lines.add((isMachine ? "%s 1000000 & wait" : "exec %s 1000000").formatted(sleep));
    List<String> command = new ArrayList<>(List.of("unshare", "--mount", "--propagation", "slave"));
    if (isMachine) {
      command.addAll(List.of("--pid", "--fork", "--kill-child"));
    }
    command.addAll(List.of("sh", "-ec", String.join("\n", lines)));
    HostProcess holder =
        new HostProcess("namespace in " + folder, folder.resolve("namespace.log"), command);
    holder.start(() -> Files.exists(ready));
    return new NodeNamespace(folder, holder, isMachine);
  }

  private static List<String> own(Path folder, List<String> places) throws IOException {
    List<String> mounts = new ArrayList<>();
    for (String place : places) {
      // The machine's own file systems have it as an empty folder from now on.
      Files.createDirectories(Path.of(place));
      Path own = Files.createDirectories(folder.resolve("root" + place));
      mounts.add("mount --bind %s %s".formatted(own, place));
    }
    return mounts;
  }

  private static List<String> settings(Path folder) throws IOException {
    List<String> mounts = new ArrayList<>();
    Path settings = Files.createDirectories(folder.resolve("settings"));
    for (Map.Entry<String, String> setting : SETTINGS.entrySet()) {
      Path real = Path.of("/proc/sys", setting.getKey());
      if (Files.exists(real)) {
        Path own = settings.resolve(setting.getKey().replace('/', '.'));
        Files.writeString(own, setting.getValue() + "\n");
        mounts.add("mount --bind %s %s".formatted(own, real));
      }
    }
    return mounts;
  }

  /** A link to {@code program}, by which a run's processes are known to be its own. */
  static Path program(Path folder, String name, Path program) throws IOException {
    Path link = Files.createDirectories(folder.resolve("bin")).resolve(name);
    return Files.exists(link) ? link : Files.createSymbolicLink(link, program);
  }

  /** What runs {@code command} in here. */
  List<String> enter(List<String> command) {
    List<String> entered = new ArrayList<>();
    entered.addAll(List.of("nsenter", "--target", Long.toString(pid()), "--mount"));
    if (isMachine) {
      entered.add("--pid=/proc/%d/ns/pid_for_children".formatted(pid()));
    }
    entered.add("--");
    entered.addAll(command);
    return entered;
  }

  /** A process of the host that is in this namespace. */
  long pid() {
    return holder.pid();
  }

  /** A program that starts a containerd in here. */
  Path containerd(ContainerdLine line) throws IOException {
    Path real = line.containerd();
    Path wrapper = Files.createDirectories(folder.resolve("bin")).resolve("containerd-" + line);
    Files.writeString(
        wrapper,
        """
        #!/bin/sh
        PATH=%s:$PATH exec %s "$@"
        """
            .formatted(real.getParent(), String.join(" ", enter(List.of(real.toString())))));
    Files.setPosixFilePermissions(wrapper, PosixFilePermissions.fromString("rwxr-xr-x"));
    return wrapper;
  }

  /** Where {@code path} of this namespace is for the rest of the machine, while it is there. */
  Path onHost(String path) {
    return Path.of("/proc/" + pid() + "/root" + path);
  }

  @Override
  public void close() {
    holder.close();
  }
}
