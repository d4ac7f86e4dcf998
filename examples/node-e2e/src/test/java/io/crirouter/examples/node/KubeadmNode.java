package io.crirouter.examples.node;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A node that the real kubeadm of a release sets up, as far as the kubelet and its files go. */
final class KubeadmNode {
  static final String CONFIG = "/var/lib/kubelet/config.yaml";
  static final String FLAGS = "/var/lib/kubelet/kubeadm-flags.env";

  private static final String KUBEADM_CONF = "/etc/kubernetes/kubeadm.yaml";
  private static final String KUBELET_CONF = "/etc/kubernetes/kubelet.conf";
  private static final String BOOTSTRAP_CONF = "/etc/kubernetes/bootstrap-kubelet.conf";

  /** The first release whose kubeadm writes sockets as URLs. */
  private static final int FIRST_WITH_URLS = 24;

  private final Kubernetes kubernetes;
  private final String name;

  KubeadmNode(Kubernetes kubernetes, String name) {
    this.kubernetes = kubernetes;
    this.name = name;
  }

  /** Makes the authority of a cluster in a new folder. */
  static Path createAuthority(Kubernetes kubernetes, Path folder) {
    Shell.run(
            kubernetes.program("kubeadm").toString(),
            "init",
            "phase",
            "certs",
            "ca",
            "--kubernetes-version=" + version(kubernetes),
            "--cert-dir=" + folder)
        .orThrow();
    return folder;
  }

  private static String version(Kubernetes kubernetes) {
    return "v1." + kubernetes.minor() + ".0";
  }

  /**
   * Lets kubeadm write the kubelet's files and start it, with a unit as that of the packages.
   *
   * @param socket of the runtime
   * @param address of the node
   */
  void start(BootstrapNode node, Path socket, String address) throws IOException {
    node.write(
        "/usr/lib/systemd/system/kubelet.service",
        """
        [Service]
        EnvironmentFile=-%s
        EnvironmentFile=-/etc/default/kubelet
        ExecStart=/usr/bin/kubelet --bootstrap-kubeconfig=%s --kubeconfig=%s --config=%s \
        $KUBELET_KUBEADM_ARGS $KUBELET_EXTRA_ARGS
        """
            .formatted(FLAGS, BOOTSTRAP_CONF, KUBELET_CONF, CONFIG));
    node.write(
        "/etc/default/kubelet", "KUBELET_EXTRA_ARGS=\"--node-ip=%s --v=2\"\n".formatted(address));
    node.write(
        KUBEADM_CONF,
        """
        apiVersion: kubeadm.k8s.io/%1$s
        kind: InitConfiguration
        localAPIEndpoint: {advertiseAddress: %2$s}
        nodeRegistration: {name: %3$s, criSocket: "%4$s"}
        ---
        %5$s---
        %6$s"""
            .formatted(
                api(),
                address,
                name,
                (kubernetes.isAtLeast(FIRST_WITH_URLS) ? "unix://" : "") + socket,
                clusterConfiguration(),
                configuration(address, node.controlGroup())));
    node.run("kubeadm", "init", "phase", "kubelet-start", "--config=" + KUBEADM_CONF).orThrow();
  }

  private String configuration(String address, String controlGroup) {
    return Kubelet.configuration(kubernetes, address, controlGroup, Kubelet.Disk.EMPTY)
        // Ready again soon after a restart.
        + "nodeStatusUpdateFrequency: 1s\n";
  }

  /**
   * Lets kubelets join a cluster.
   *
   * @param administrator a kubeconfig
   * @param authority the folder with that of the cluster; kubeadm wants its key too
   */
  static void writeCredentials(BootstrapNode node, Path administrator, Path authority)
      throws IOException {
    node.write(BOOTSTRAP_CONF, Files.readString(administrator));
    for (String file : List.of("ca.crt", "ca.key")) {
      node.write("/etc/kubernetes/pki/" + file, Files.readString(authority.resolve(file)));
    }
  }

  /** Leaves in the cluster what {@code kubeadm init} does for upgrades of nodes. */
  void writeConfigMaps(ApiClient client, String kubeletConfiguration) {
    configMap(client, "kubeadm-config", "ClusterConfiguration", clusterConfiguration());
    String suffix = kubernetes.isAtLeast(24) ? "" : "-1." + kubernetes.minor();
    configMap(client, "kubelet-config" + suffix, "kubelet", kubeletConfiguration);
  }

  private String api() {
    return kubernetes.isAtLeast(31) ? "v1beta4" : kubernetes.isAtLeast(22) ? "v1beta3" : "v1beta2";
  }

  private String clusterConfiguration() {
    return """
        apiVersion: kubeadm.k8s.io/%s
        kind: ClusterConfiguration
        kubernetesVersion: %s
        """
        .formatted(api(), version(kubernetes));
  }

  private static void configMap(ApiClient client, String name, String key, String text) {
    String configMaps = "/api/v1/namespaces/kube-system/configmaps";
    var unused = client.send("DELETE", configMaps + "/" + name, "");
    client.post(
        configMaps,
        """
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: %s}
        data:
          %s: |
        %s
        """
            .formatted(name, key, text.indent(4)));
  }
}
