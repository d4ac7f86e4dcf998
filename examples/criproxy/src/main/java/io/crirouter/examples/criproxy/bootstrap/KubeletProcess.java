package io.crirouter.examples.criproxy.bootstrap;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The process that is the kubelet of a node, or contains it.
 *
 * @param process the process
 * @param distribution the kind of its installation
 * @param unit the systemd unit that starts it
 */
record KubeletProcess(NodeProcess process, Distribution distribution, String unit) {
  private static final String KUBELET = "kubelet";

  private static final Map<String, String> OTHER_PROGRAMS =
      Map.of(
          "kubelite", "MicroK8s runs its own containerd and writes the kubelet's options itself",
          "hyperkube", "hyperkube kubelets are not known here",
          "k0s", "k0s runs its own containerd and writes the kubelet's options itself");

  private static final Map<String, String> OTHER_SYSTEMS =
      Map.of(
          "talos", "Talos is changed through its own API only, and has no systemd",
          "bottlerocket", "Bottlerocket writes the kubelet's configuration from its own settings");

  /** The arguments of k3s and rke2 with which they contain a kubelet. */
  private static final Set<String> ROLES = Set.of("server", "agent");

  KubeletFlags flags() {
    return new KubeletFlags(process.command());
  }

  /**
   * Finds the kubelet.
   *
   * @throws RefusedException if there is not exactly one that is supported
   */
  static KubeletProcess find(Node node) throws IOException, RefusedException {
    requireKnownSystem(node);
    List<NodeProcess> all = node.processes();
    List<NodeProcess> own = all.stream().filter(process -> !process.inContainer()).toList();
    for (NodeProcess process : own) {
      String why = OTHER_PROGRAMS.get(process.program());
      if (why != null) {
        throw new RefusedException("this node is not supported: " + why);
      }
    }
    Optional<NodeProcess> k3s = k3s(own);
    if (k3s.isPresent()) {
      boolean isRke2 = k3s.get().program().equals("rke2");
      return of(k3s.get(), isRke2 ? Distribution.RKE2 : Distribution.K3S);
    }
    NodeProcess kubelet = only(own, all);
    boolean isKubeadm =
        node.files().exists(EndpointPlaces.KUBEADM_FLAGS)
            || node.files().exists(EndpointPlaces.INSTANCE_CONFIG);
    return of(kubelet, isKubeadm ? Distribution.KUBEADM : Distribution.PLAIN);
  }

  private static void requireKnownSystem(Node node) throws IOException, RefusedException {
    String release = node.files().read("/etc/os-release").orElse("");
    for (Map.Entry<String, String> system : OTHER_SYSTEMS.entrySet()) {
      if (release.lines().anyMatch(line -> line.matches("ID=\"?" + system.getKey() + "\"?"))) {
        throw new RefusedException("this node is not supported: " + system.getValue());
      }
    }
    if (!node.files().exists("/run/systemd/system")) {
      throw new RefusedException(
          "this node is not supported: it has no systemd (/run/systemd/system), which starts the"
              + " proxy and restarts the kubelet");
    }
  }

  private static Optional<NodeProcess> k3s(List<NodeProcess> processes) {
    return processes.stream()
        .filter(process -> Set.of("k3s", "rke2").contains(process.program()))
        .filter(process -> ROLES.contains(process.firstArgument()))
        .findFirst();
  }

  private static NodeProcess only(List<NodeProcess> own, List<NodeProcess> all)
      throws RefusedException {
    List<NodeProcess> kubelets =
        own.stream().filter(process -> process.program().equals(KUBELET)).toList();
    if (kubelets.size() == 1) {
      return kubelets.get(0);
    }
    if (kubelets.size() > 1) {
      throw new RefusedException("several kubelets run here: " + pids(kubelets));
    }
    List<NodeProcess> contained =
        all.stream().filter(process -> process.program().equals(KUBELET)).toList();
    throw new RefusedException(
        contained.isEmpty()
            ? "no kubelet runs here; start it first, because its command line is needed"
            : "the kubelet runs in a container ("
                + pids(contained)
                + "); if that is a node of kind, run this within it");
  }

  private static String pids(List<NodeProcess> processes) {
    return "pid "
        + String.join(", ", processes.stream().map(NodeProcess::pid).map(String::valueOf).toList());
  }

  private static KubeletProcess of(NodeProcess process, Distribution distribution)
      throws RefusedException {
    String unit =
        process
            .unit()
            .orElseThrow(
                () ->
                    new RefusedException(
                        process.program()
                            + " (pid "
                            + process.pid()
                            + ") was not started by a systemd unit, so it cannot be restarted"));
    return new KubeletProcess(process, distribution, unit);
  }
}
