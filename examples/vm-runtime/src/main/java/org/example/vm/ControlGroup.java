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
   * Joins each hierarchy that has the group: one of version 2, several of version 1. A cpuset has
   * no processors of its own at first, and is left alone.
   */
  private static final String JOIN =
      "for root in /sys/fs/cgroup /sys/fs/cgroup/*; do"
          + " if [ -d \"$root$1\" ] && [ \"$root\" != /sys/fs/cgroup/cpuset ]; then"
          + " mkdir -p \"$root$1/$2\" && echo \"$3\" >\"$root$1/$2/cgroup.procs\" || exit 1;"
          + " fi; done";

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
