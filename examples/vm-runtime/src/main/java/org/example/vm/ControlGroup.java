package org.example.vm;

import java.io.IOException;

/**
 * The control group of a pod, which a kubelet creates before the sandbox. Its machine runs in it,
 * with the limits of the pod, and survives the end of the runtime's own group.
 *
 * @param parent the cgroup parent of the pod: a path, or the name of a systemd slice; may be empty
 */
record ControlGroup(String parent) {
  private static final String SLICE = ".slice";

  /**
   * Joins the group in each hierarchy: that of version 2, or those of version 1, where a new cpuset
   * has no processors at first. In a hierarchy of version 1 without the group the process moves to
   * the root, because a kubelet looks for processes of a group in all hierarchies.
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

  /** Moves a process into its own group below that of the pod, if the pod has one. */
  void join(String name, long pid, Command command) throws IOException, InterruptedException {
    if (!parent.isEmpty()) {
      command.run("sh", "-c", JOIN, "sh", path(), name, String.valueOf(pid));
    }
  }

  /**
   * The path below the root. The slice {@code a-b.slice} has the path {@code /a.slice/a-b.slice}.
   */
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
