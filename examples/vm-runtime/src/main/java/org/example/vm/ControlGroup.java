package org.example.vm;

import java.io.IOException;

/**
 * The control group of a pod, which a kubelet makes before the sandbox. A machine belongs there:
 * its limits are those of the pod, and what ends the runtime's own group leaves it alone.
 *
 * @param parent of the pod's configuration: a path, or the name of a systemd slice; may be empty
 */
record ControlGroup(String parent) {
  private static final String SLICE = ".slice";

  /**
   * Joins the group in each hierarchy: the one of version 2, or those of version 1, where a cpuset
   * has no processors of its own at first. A hierarchy of version 1 without the group is left to
   * its root, since what a kubelet ends by its group is looked for in all of them.
   */
  private static final String JOIN =
      """
      roots=/sys/fs/cgroup
      [ -e /sys/fs/cgroup/cgroup.controllers ] || roots=$(echo /sys/fs/cgroup/*)
      for root in $roots; do
        group=$root$1
        if [ -d "$group" ]; then
          mkdir -p "$group/$2"
          if [ "$root" = /sys/fs/cgroup/cpuset ]; then
            cat "$group/cpuset.cpus" >"$group/$2/cpuset.cpus"
            cat "$group/cpuset.mems" >"$group/$2/cpuset.mems"
          fi
          echo "$3" >"$group/$2/cgroup.procs" && continue
        fi
        if [ "$root" != /sys/fs/cgroup ] && [ -e "$root/cgroup.procs" ]; then
          echo "$3" >"$root/cgroup.procs"
        fi
      done
      """;

  /** Moves a process into a group of its own below the pod's, if there is one. */
  void join(String name, long pid, Command command) throws IOException, InterruptedException {
    if (!parent.isEmpty()) {
      command.run("sh", "-c", JOIN, "sh", path(), name, String.valueOf(pid));
    }
  }

  /** The path below the root; systemd says {@code a-b.slice} for {@code /a.slice/a-b.slice}. */
  String path() {
    if (!parent.endsWith(SLICE) || parent.contains("/")) {
      return parent.startsWith("/") ? parent : "/" + parent;
    }
    StringBuilder path = new StringBuilder();
    String name = parent.substring(0, parent.length() - SLICE.length());
    for (int dash = name.indexOf('-'); dash > 0; dash = name.indexOf('-', dash + 1)) {
      path.append('/').append(name, 0, dash).append(SLICE);
    }
    return path.append('/').append(parent).toString();
  }
}
