package io.crirouter.examples.node;

import io.crirouter.testkit.containerd.TestRegistry;
import java.io.IOException;
import java.nio.file.Path;

/** The files of a node's kubelet, as kubeadm of a release leaves them. */
final class KubeadmNode {
  static final String CONFIG = "/var/lib/kubelet/config.yaml";
  static final String FLAGS = "/var/lib/kubelet/kubeadm-flags.env";

  private static final String INSTANCE_CONFIG = "/var/lib/kubelet/instance-config.yaml";
  private static final String KUBELET_CONF = "/etc/kubernetes/kubelet.conf";
  private static final String BOOTSTRAP_CONF = "/etc/kubernetes/bootstrap-kubelet.conf";

  /** The first release whose kubeadm writes instance-config.yaml. */
  private static final int FIRST_WITH_INSTANCE_CONFIG = 34;

  private static final int LAST_WITH_DOCKER = 23;

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
   * Writes them, and a unit that starts the kubelet with them as that of the packages does.
   *
   * @param address of the node
   */
  void write(BootstrapNode node, String endpoint, String address) throws IOException {
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
        "/etc/default/kubelet",
        "KUBELET_EXTRA_ARGS=\"--hostname-override=%s --node-ip=%s --v=2\"\n"
            .formatted(name, address));
    String flags = "";
    String configuration = configuration(address, node.controlGroup());
    if (kubernetes.isAtLeast(FIRST_WITH_INSTANCE_CONFIG)) {
      configuration += "containerRuntimeEndpoint: " + endpoint + "\n";
      node.write(INSTANCE_CONFIG, "containerRuntimeEndpoint: \"" + endpoint + "\"\n");
    } else {
      flags = "--container-runtime-endpoint=" + endpoint;
    }
    if (!kubernetes.isAtLeast(LAST_WITH_DOCKER + 1)) {
      flags =
          "--container-runtime=remote %s --pod-infra-container-image=%s"
              .formatted(flags, TestRegistry.PAUSE);
    }
    node.write(CONFIG, configuration);
    node.write(FLAGS, "KUBELET_KUBEADM_ARGS=\"" + flags + "\"\n");
  }

  private String configuration(String address, String controlGroup) {
    return Kubelet.configuration(kubernetes, address, controlGroup, Kubelet.Disk.EMPTY)
        // Ready again soon after a restart.
        + "nodeStatusUpdateFrequency: 1s\n";
  }

  /**
   * Lets kubelets join with the kubeconfig {@code administrator} and the authority of a cluster.
   */
  static void writeCredentials(BootstrapNode node, String administrator, String authority)
      throws IOException {
    node.write(BOOTSTRAP_CONF, administrator);
    node.write("/etc/kubernetes/pki/ca.crt", authority);
  }

  /** Leaves in the cluster what {@code kubeadm init} does for upgrades of nodes. */
  void writeConfigMaps(ApiClient client, String kubeletConfiguration) {
    String api =
        kubernetes.isAtLeast(31) ? "v1beta4" : kubernetes.isAtLeast(22) ? "v1beta3" : "v1beta2";
    configMap(
        client,
        "kubeadm-config",
        "ClusterConfiguration",
        """
        apiVersion: kubeadm.k8s.io/%s
        kind: ClusterConfiguration
        kubernetesVersion: %s
        """
            .formatted(api, version(kubernetes)));
    String suffix = kubernetes.isAtLeast(24) ? "" : "-1." + kubernetes.minor();
    configMap(client, "kubelet-config" + suffix, "kubelet", kubeletConfiguration);
  }

  private static void configMap(ApiClient client, String name, String key, String text) {
    client.post(
        "/api/v1/namespaces/kube-system/configmaps",
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
