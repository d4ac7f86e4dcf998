package io.crirouter.examples.criproxy.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crirouter.examples.criproxy.bootstrap.FaultyNode.Killed;
import io.crirouter.testkit.FakeRuntime;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The removal of the proxy from a node. */
class UninstallTest {
  private static final String VM_SOCKET = "/run/vm.sock";
  private static final Map<String, String> FOR_VM =
      Map.of("kubernetes.io/target-runtime", "vm.example");

  private final List<String> log = new ArrayList<>();
  private final FakeRuntime vm = FakeRuntime.named("vm").build();

  @TempDir(factory = InMemory.class)
  private Path root;

  private Bootstrap bootstrap(Node node) {
    InstallOptions options =
        new InstallOptions(
            Map.of("vm.example", VM_SOCKET),
            Map.of(),
            Duration.ofMinutes(10),
            Duration.ofSeconds(9),
            Duration.ofSeconds(5));
    return new Bootstrap(node, options, Optional.empty(), "1", log::add);
  }

  private FakeNode installed(Generation generation) throws Exception {
    return install(generation.node(root.resolve(generation.name())).runPod("a"));
  }

  private FakeNode install(FakeNode node) throws Exception {
    node.serve(VM_SOCKET, vm);
    assertThat(bootstrap(node).install()).as(log.toString()).isTrue();
    log.clear();
    return node;
  }

  @ParameterizedTest
  @EnumSource
  void anUninstallRestoresTheNode(Generation generation) throws Exception {
    FakeNode node = generation.node(root).runPod("a");
    Map<String, String> before = node.state();

    bootstrap(install(node)).uninstall(false, false);

    assertThat(node.state()).isEqualTo(before);
    assertThat(node.files().exists(JournalFile.PATH)).isFalse();
    assertThat(node.containerd().pods()).hasSize(1);
  }

  @Test
  void killedAnywhereItCanBeResumedAndTheKubeletHasAWorkingEndpoint() throws Exception {
    Generation generation = Generation.KUBEADM_1_36_WITH_FLAG;
    FaultyNode observed = new FaultyNode(installed(generation), FaultyNode.none());
    bootstrap(observed).uninstall(false, false);
    assertThat(observed.effects()).hasSizeGreaterThan(20);

    for (int i = 0; i < observed.effects().size(); i++) {
      String when = "killed before " + i + ", " + observed.effects().get(i);
      FakeNode node = generation.node(root.resolve("node" + i));
      Map<String, String> before = node.state();
      FaultyNode killed = new FaultyNode(install(node), FaultyNode.killBefore(i));

      assertThatThrownBy(() -> bootstrap(killed).uninstall(false, false))
          .as(when)
          .isInstanceOf(Killed.class);
      node.requireWorkingEndpoint(when);
      bootstrap(node).uninstall(false, false);

      assertThat(node.state()).as(when).isEqualTo(before);
    }
  }

  @Test
  void podsOfOtherRuntimesAreNamedAndNothingIsChanged() throws Exception {
    FakeNode node = installed(Generation.KUBEADM_1_36);
    node.runPod("special", node.proxy(), FOR_VM);
    Map<String, String> before = node.state();

    assertThatThrownBy(() -> bootstrap(node).uninstall(false, false))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("ns/special")
        .hasMessageContaining("--drain");

    assertThat(node.state()).isEqualTo(before);
    vm.killPod(vm.pods().get(0).getId());
    bootstrap(node).uninstall(false, false);
    assertThat(node.kubelet().socket()).isEqualTo(FakeNode.CONTAINERD);
  }

  @ParameterizedTest
  @EnumSource(
      value = Generation.class,
      names = {"KUBEADM_1_20", "KUBEADM_1_36"})
  void podsAreEvictedWhileTheNodeIsCordoned(Generation generation) throws Exception {
    FakeNode node = installed(generation);
    node.runPod("special", node.proxy(), FOR_VM);
    boolean isOld = generation == Generation.KUBEADM_1_20;
    FakeApi api = node.connectApi();
    api.refuse(2)
        .evictions(
            isOld ? "policy/v1beta1" : "policy/v1",
            pod -> {
              assertThat(api.isSchedulable()).as("new pods may come").isFalse();
              vm.killPod(vm.pods().get(0).getId());
            });

    bootstrap(node).uninstall(true, false);

    assertThat(api.asked()).containsExactly("cordon node-1", "evict ns/special", "uncordon node-1");
    assertThat(node.kubelet().socket()).isEqualTo(FakeNode.CONTAINERD);
  }

  @Test
  void podsThatAreNotEvictedAreNamedAndTheProxyStays() throws Exception {
    FakeNode node = installed(Generation.KUBEADM_1_36);
    node.runPod("daemon", node.proxy(), FOR_VM);
    FakeApi api = node.connectApi();

    assertThatThrownBy(() -> bootstrap(node).uninstall(true, false))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("ns/daemon")
        .hasMessageContaining("DaemonSets");

    assertThat(api.isSchedulable()).isTrue();
    assertThat(node.kubelet().socket()).isEqualTo(FakeNode.PROXY);
  }

  @Test
  void aStoppedProxyNeedsForce() throws Exception {
    FakeNode node = installed(Generation.KUBEADM_1_36);
    node.proxyService().stop();

    assertThatThrownBy(() -> bootstrap(node).uninstall(false, false))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("--force");
    bootstrap(node).uninstall(false, true);

    assertThat(node.kubelet().socket()).isEqualTo(FakeNode.CONTAINERD);
    assertThat(node.kubelet().isHealthy()).isTrue();
  }

  @Test
  void changedFilesAreKeptAndTheirDiffIsShown() throws Exception {
    FakeNode node = installed(Generation.KUBEADM_1_36);
    node.put(ProxyFiles.CONFIG, node.text(ProxyFiles.CONFIG) + "drainTimeout: 5s\n");

    bootstrap(node).uninstall(false, false);

    assertThat(node.text(ProxyFiles.CONFIG)).endsWith("drainTimeout: 5s\n");
    assertThat(String.join("\n", log))
        .contains("kept: /etc/criproxy/criproxy.yaml", "+drainTimeout: 5s");
  }

  @Test
  void afterAnUpgradeByKubeadmTheProxyIsInForceAndCanBeUninstalled() throws Exception {
    FakeNode node = installed(Generation.KUBEADM_1_36);

    upgrade(node);
    assertThat(node.kubelet().socket()).isEqualTo(FakeNode.PROXY);
    assertThat(bootstrap(node).verify()).noneMatch(finding -> finding.problem().isPresent());
    bootstrap(node).uninstall(false, false);

    assertThat(node.kubelet().socket()).isEqualTo(FakeNode.CONTAINERD);
    assertThat(node.text(FakeKubelet.CONFIG)).contains("maxPods: 99", Generation.ENDPOINT);
  }

  @Test
  void anUpgradeFrom133MovesTheEndpointAndItIsFoundThere() throws Exception {
    FakeNode node = installed(Generation.KUBEADM_1_33);

    node.kubelet().version("v1.36.2");
    upgrade(node);
    assertThat(node.text(FakeKubelet.FLAGS)).doesNotContain("endpoint");
    assertThat(node.kubelet().socket()).isEqualTo(FakeNode.PROXY);
    assertThat(bootstrap(node).verify()).noneMatch(finding -> finding.problem().isPresent());
    bootstrap(node).uninstall(false, false);

    assertThat(node.kubelet().socket()).isEqualTo(FakeNode.CONTAINERD);
    assertThat(node.text(FakeKubelet.INSTANCE)).contains(Generation.ENDPOINT);
  }

  /** Changes the files as "kubeadm upgrade node phase kubelet-config" of 1.36 does. */
  private static void upgrade(FakeNode node) throws IOException {
    String flags = node.text(FakeKubelet.FLAGS);
    if (!node.files().exists(FakeKubelet.INSTANCE)) {
      String moved = FlagText.values(flags, "--container-runtime-endpoint").get(0);
      node.put(FakeKubelet.INSTANCE, "containerRuntimeEndpoint: \"" + moved + "\"\n");
      node.put(FakeKubelet.FLAGS, FlagText.remove(flags, "--container-runtime-endpoint"));
    }
    node.put(
        FakeKubelet.CONFIG,
        "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\nmaxPods: 99\n"
            + node.text(FakeKubelet.INSTANCE));
    node.kubelet().start();
  }

  @Test
  void aMissingInstallationIsNotUninstalled() throws Exception {
    FakeNode node = Generation.KUBEADM_1_36.node(root);

    bootstrap(node).uninstall(false, false);

    assertThat(log).containsExactly("not installed");
  }
}
