package io.crirouter.examples.criproxy.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The detection of the kubelet of a node. */
class KubeletTest {
  @TempDir private Path root;

  private void assertRefused(FakeNode node, String... why) {
    assertThatThrownBy(() -> Kubelet.detect(node))
        .isInstanceOf(RefusedException.class)
        .satisfies(refused -> assertThat(refused.getMessage()).contains(why));
  }

  private static NodeProcess process(boolean inContainer, String... command) {
    return new NodeProcess(
        7,
        1,
        List.of(command),
        Optional.of(command[0].replaceFirst(".*/", "") + ".service"),
        inContainer);
  }

  @Test
  void healthNameAndDriverAreThoseOfTheKubelet() throws Exception {
    FakeNode node = Generation.KUBEADM_1_36.node(root);
    Kubelet kubelet = Kubelet.detect(node);

    assertThat(kubelet.healthz(node)).contains(URI.create("http://127.0.0.1:10248/healthz"));
    assertThat(kubelet.nodeName(node)).isEqualTo("node-1");
    assertThat(kubelet.cgroupDriver(node)).contains("systemd");
    assertThat(kubelet.kubeconfig()).isEqualTo("/etc/kubernetes/kubelet.conf");

    node.put(
        FakeKubelet.CONFIG,
        node.text(FakeKubelet.CONFIG).replace("healthzPort: 10248", "healthzPort: 0"));
    assertThat(kubelet.healthz(node)).isEmpty();
  }

  @Test
  void systemsThatAreNotManagedByFilesAreRefused() throws Exception {
    FakeNode node = Generation.KUBEADM_1_36.node(root);

    assertRefused(node.put("/etc/os-release", "NAME=Talos\nID=talos\n"), "Talos");
    assertRefused(node.put("/etc/os-release", "ID=\"bottlerocket\"\n"), "Bottlerocket");
  }

  @Test
  void aNodeWithoutSystemdIsRefused() throws Exception {
    FakeNode node = Generation.KUBEADM_1_36.node(root);
    Files.delete(root.resolve("run/systemd/system"));

    assertRefused(node, "no systemd");
  }

  @Test
  void unsupportedDistributionsAreRefusedWithTheReason() throws Exception {
    assertRefused(FakeNode.create(root), "no kubelet runs here");
    assertRefused(
        FakeNode.create(root).add(process(true, "/usr/bin/kubelet")),
        "runs in a container",
        "pid 7");
    assertRefused(FakeNode.create(root).add(process(false, "/snap/kubelite")), "MicroK8s");
    assertRefused(FakeNode.create(root).add(process(false, "/usr/bin/k0s", "worker")), "k0s");
    assertRefused(
        Generation.KUBEADM_1_33.node(root).add(process(false, "/opt/kubelet")), "several kubelets");
    assertRefused(
        FakeNode.create(root)
            .add(new NodeProcess(7, 1, List.of("kubelet"), Optional.empty(), false)),
        "not started by a systemd unit");
  }

  @Test
  void anEmbeddedContainerdIsRefusedAndOneOfTheNodeIsNot() throws Exception {
    FakeNode node = FakeNode.create(root).add(process(false, "/usr/local/bin/k3s", "agent"));
    String config = "/etc/rancher/k3s/config.yaml";

    assertRefused(node, "K3s runs its embedded containerd", "container-runtime-endpoint");
    node.put(config, "container-runtime-endpoint: /run/k3s/containerd/containerd.sock\n");
    assertRefused(node, "K3s runs its embedded containerd");
    node.put(config, "# mine\ncontainer-runtime-endpoint: /run/containerd/containerd.sock\n");

    Kubelet kubelet = Kubelet.detect(node);
    assertThat(kubelet.endpoint().socket()).isEqualTo(FakeNode.CONTAINERD);
    assertThat(EndpointEdits.of(node, kubelet, new Endpoint(FakeNode.PROXY)))
        .singleElement()
        .extracting(FileChange::after)
        .isEqualTo("# mine\ncontainer-runtime-endpoint: unix://" + FakeNode.PROXY + "\n");
  }

  @Test
  void aFlagThatIsInNoFileIsRefused() throws Exception {
    FakeNode node = Generation.KUBEADM_1_36.node(root);
    node.kubelet().flags("--container-runtime-endpoint=unix:///run/x.sock").start();

    assertRefused(node, "--container-runtime-endpoint=unix:///run/x.sock", "kubelet.service");
  }

  @Test
  void settingsThatAreNotInForceYetAreRefused() throws Exception {
    FakeNode node = Generation.KUBEADM_1_33.node(root);

    node.put(
        FakeKubelet.FLAGS, node.text(FakeKubelet.FLAGS).replace("containerd.sock", "new.sock"));
    assertRefused(node, "restart it first");
    node.put(FakeKubelet.FLAGS, "KUBELET_KUBEADM_ARGS=\"\"\n");
    assertRefused(node, "no environment file");
  }

  @Test
  void dockerAndOtherImageServicesAreRefused() throws Exception {
    FakeNode node = Generation.KUBEADM_1_20.node(root);
    node.put(FakeKubelet.FLAGS, "KUBELET_KUBEADM_ARGS=\"--network-plugin=cni\"\n");
    node.kubelet().start();
    assertRefused(node, "uses Docker");

    FakeNode other = Generation.KUBEADM_1_36.node(root.resolve("other"));
    other.put(
        FakeKubelet.CONFIG,
        other.text(FakeKubelet.CONFIG) + "imageServiceEndpoint: unix:///run/stargz.sock\n");
    assertRefused(other, "unix:///run/stargz.sock", "not supported");
  }

  @Test
  void theKubeletsConfigzIsComparedIfItCanBeRead() throws Exception {
    FakeNode node = Generation.KUBEADM_1_36.node(root);
    FakeApi api = node.connectApi();
    api.configz(
        () ->
            "{\"kubeletconfig\": {\"containerRuntimeEndpoint\": \"unix://%s\", \"maxPods\": 1}}"
                .formatted(node.kubelet().socket()));
    node.put("/etc/kubernetes/kubelet.conf", "");
    node.put(
        FakeKubelet.CONFIG, node.text(FakeKubelet.CONFIG).replace("containerd.sock", "x.sock"));

    assertThat(Kubelet.detectAndVerify(node).endpoint().socket())
        .as("the node may not ask")
        .isEqualTo("/run/containerd/x.sock");
    node.put("/etc/kubernetes/admin.conf", "");
    assertThatThrownBy(() -> Kubelet.detectAndVerify(node))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("/configz")
        .hasMessageContaining(FakeNode.CONTAINERD)
        .hasMessageContaining("/run/containerd/x.sock");
    node.kubelet().start();
    assertThat(Kubelet.detectAndVerify(node).endpoint().socket())
        .isEqualTo("/run/containerd/x.sock");
  }

  @Test
  void criOKeepsTheSuffixByWhichKubeletsKnowIt() {
    assertThat(ProxySocket.before(new Endpoint("/var/run/crio/crio.sock")))
        .isEqualTo(new Endpoint("/run/criproxy/run/crio/crio.sock"));
    assertThat(ProxySocket.before(new Endpoint(FakeNode.CONTAINERD)))
        .isEqualTo(new Endpoint(FakeNode.PROXY));
  }
}
