package io.crirouter.examples.criproxy.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crirouter.proto.v1.CgroupDriver;
import io.crirouter.testkit.FakeRuntime;
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
import org.junit.jupiter.params.provider.ValueSource;

/** The installation of the proxy on a node. */
class InstallTest {
  private final List<String> log = new ArrayList<>();

  @TempDir(factory = InMemory.class)
  private Path root;

  private Bootstrap bootstrap(Node node) {
    return bootstrap(node, InstallOptions.DEFAULT);
  }

  private Bootstrap bootstrap(Node node, InstallOptions options) {
    return new Bootstrap(node, options, Optional.empty(), "1", log::add);
  }

  private static InstallOptions with(Map<String, String> runtimes, Map<String, String> handlers) {
    return new InstallOptions(
        runtimes, handlers, Duration.ofMinutes(10), Duration.ofSeconds(9), Duration.ofSeconds(20));
  }

  private void assertRefused(Node node, InstallOptions options, String... why) {
    assertThatThrownBy(() -> bootstrap(node, options).install())
        .isInstanceOf(RefusedException.class)
        .satisfies(refused -> assertThat(refused.getMessage()).contains(why));
  }

  @ParameterizedTest
  @EnumSource
  void theKubeletUsesTheProxyAfterOneRestartAndPodsAreUnaffected(Generation generation)
      throws Exception {
    FakeNode node = generation.node(root).runPod("a").runPod("b");
    int starts = node.kubelet().starts();

    assertThat(bootstrap(node).install()).as(log.toString()).isTrue();

    assertThat(node.kubelet().socket()).isEqualTo(FakeNode.PROXY);
    assertThat(node.kubelet().starts()).isEqualTo(starts + 1);
    assertThat(node.systemd().isEnabled(ProxyProgram.UNIT)).isTrue();
    assertThat(node.systemd().isActive(RevertTimer.TIMER)).as("the timer").isFalse();
    assertThat(node.containerd().containers()).hasSize(2);
    node.requireWorkingEndpoint("installed");
  }

  @Test
  void aSecondInstallationChangesNothing() throws Exception {
    FakeNode node = Generation.KUBEADM_1_36.node(root);
    assertThat(bootstrap(node).install()).isTrue();
    Map<String, String> installed = node.state();

    assertThat(bootstrap(node).install()).isTrue();

    assertThat(log).last().asString().startsWith("already installed, since ");
    assertThat(node.state()).isEqualTo(installed);
  }

  @Test
  void thePlanIsWhatIsDoneAndChangesNothing() throws Exception {
    FakeNode node = Generation.KUBEADM_1_36_WITH_FLAG.node(root);
    Map<String, String> before = node.state();

    InstallOptions options = with(Map.of("vm.example", "/run/vm.sock"), Map.of());
    InstallPlan plan = bootstrap(node, options).plan();

    assertThat(plan.describe())
        .contains(
            "# kubelet 1.36, kubeadm, unit kubelet.service",
            "# endpoint then: unix:///run/criproxy/criproxy.sock",
            "--- a/etc/criproxy/criproxy.yaml\n+++ b/etc/criproxy/criproxy.yaml\n",
            "+++ b/var/lib/kubelet/instance-config.yaml\n",
            "# systemctl restart kubelet.service");
    assertThat(node.state()).isEqualTo(before);
    assertThat(bootstrap(node, options).install()).isTrue();
    for (FileChange file : plan.files()) {
      assertThat(node.text(file.path())).isEqualTo(file.after());
    }
  }

  @Test
  void furtherRuntimesAndHandlersAreConfigured() throws Exception {
    FakeNode node = Generation.KUBEADM_1_36.node(root);
    FakeRuntime vm = FakeRuntime.named("vm").build();
    node.serve("/run/vm.sock", vm);

    assertThat(
            bootstrap(node, with(Map.of("vm.example", "/run/vm.sock"), Map.of("vm", "vm.example")))
                .install())
        .isTrue();
    node.runPod("v", node.proxy(), Map.of("kubernetes.io/target-runtime", "vm.example"));

    assertThat(vm.pods()).hasSize(1);
    assertThat(node.text(ProxyFiles.CONFIG))
        .contains("  - runtimeHandler:\n      vm: vm.example\n");
  }

  @Test
  void otherRuntimesAreRefusedAfterTheInstallation() throws Exception {
    FakeNode node = Generation.KUBEADM_1_36.node(root);
    InstallOptions first = with(Map.of("vm.example", "/run/vm.sock"), Map.of("vm", "vm.example"));
    assertThat(bootstrap(node, first).install()).isTrue();

    assertThat(bootstrap(node, first).install()).as("the same again").isTrue();
    String is =
        " is not in /etc/criproxy/criproxy.yaml, and options do not change an installed file";
    assertRefused(
        node,
        with(Map.of("vm.example", "/run/other.sock"), Map.of()),
        "runtime vm.example at /run/other.sock" + is);
    InstallOptions other = with(Map.of("vm.example", "/run/vm.sock"), Map.of("q", "vm.example"));
    assertRefused(node, other, "runtime handler q" + is);
    node.put(ProxyFiles.CONFIG, node.text(ProxyFiles.CONFIG) + "      q: vm.example\n");
    assertThat(bootstrap(node, other).install()).as("written by the operator").isTrue();
  }

  @Test
  void thePackagedConfigurationIsKeptIfItFits() throws Exception {
    FakeNode node = Generation.KUBEADM_1_36.node(root);

    assertThat(bootstrap(node).plan().proxyFiles()).isEmpty();
    assertThat(bootstrap(node).install()).as(log.toString()).isTrue();

    assertThat(node.text(ProxyFiles.CONFIG)).isEqualTo(ProxyFiles.packagedConfig());
  }

  @Test
  void anExistingConfigurationIsUsedIfItFits() throws Exception {
    FakeNode node = Generation.KUBEADM_1_36.node(root);
    node.put(
        ProxyFiles.CONFIG,
        "listen: /run/other.sock\nbackends:\n- {name: c, endpoint: /run/c.sock}\n");

    assertRefused(node, InstallOptions.DEFAULT, "the first backend, c at /run/c.sock, must be");
    node.put(
        ProxyFiles.CONFIG,
        "listen: /run/other.sock\nbackends:\n- {name: c, endpoint: " + FakeNode.CONTAINERD + "}\n");
    assertRefused(node, InstallOptions.DEFAULT, "listen must be /run/criproxy/criproxy.sock");
    assertRefused(node, with(Map.of("a", "/b"), Map.of()), "add runtimes and runtime handlers");
    String fits = node.text(ProxyFiles.CONFIG).replace("/run/other.sock", FakeNode.PROXY);
    node.put(ProxyFiles.CONFIG, fits);

    assertThat(bootstrap(node).install()).isTrue();
    assertThat(node.text(ProxyFiles.CONFIG)).isEqualTo(fits);
  }

  @ParameterizedTest
  @ValueSource(strings = {"--listen /run/x --connect /run/y", "--log-level debug"})
  void optionsOfTheOperatorAreNotDiscarded(String options) throws Exception {
    FakeNode node = Generation.KUBEADM_1_36.node(root);
    node.put(ProxyProgram.DEFAULTS, "CRIPROXY_OPTS=\"" + options + "\"\n");

    assertRefused(node, InstallOptions.DEFAULT, "has its own options", options);
  }

  @Test
  void theFileOfTheOptionsIsTheConfiguration() throws Exception {
    FakeNode node = Generation.KUBEADM_1_36.node(root);
    node.put("/etc/own.yaml", ProxyFiles.packagedConfig().replace("/containerd.sock", "/c.sock"));

    for (String options : List.of("--config /etc/own.yaml", "--config=/etc/own.yaml")) {
      node.put(ProxyProgram.DEFAULTS, "CRIPROXY_OPTS=\"" + options + "\"\n");
      assertRefused(node, InstallOptions.DEFAULT, "/etc/own.yaml: the first backend");
    }
  }

  @Test
  void aUnitWithoutConfigurationIsRefused() throws Exception {
    FakeNode node = Generation.KUBEADM_1_36.node(root);
    node.put(ProxyProgram.OWN_UNIT, "[Service]\nExecStart=/opt/criproxy run $CRIPROXY_OPTS\n");

    assertRefused(node, InstallOptions.DEFAULT, "leave only --config FILE");
  }

  @Test
  void criOIsFoundByItsSuffix() throws Exception {
    FakeNode node = Generation.KUBEADM_1_36.node(root);
    FakeRuntime crio = FakeRuntime.named("cri-o").build();
    node.serve("/run/crio/crio.sock", crio).serve("/var/run/crio/crio.sock", crio);
    for (String file : List.of(FakeKubelet.CONFIG, FakeKubelet.INSTANCE)) {
      node.put(
          file,
          node.text(file).replace("/run/containerd/containerd.sock", "/var/run/crio/crio.sock"));
    }
    node.kubelet().start();

    assertThat(bootstrap(node).install()).as(log.toString()).isTrue();

    assertThat(node.kubelet().socket()).isEqualTo("/run/criproxy/run/crio/crio.sock");
    assertThat(node.text(ProxyFiles.DROP_IN)).contains("RuntimeDirectory=criproxy/run/crio\n");
  }

  @Test
  void withoutAPackageTheArchiveIsCopied() throws Exception {
    FakeNode node = Generation.KUBEADM_1_36.node(root.resolve("node"));
    Path image = node.withoutPackage();

    assertRefused(node, InstallOptions.DEFAULT, "criproxy is not installed on this node");
    assertThat(
            new Bootstrap(node, InstallOptions.DEFAULT, Optional.of(image), "1", log::add)
                .install())
        .as(log.toString())
        .isTrue();

    assertThat(node.files().exists("/usr/lib/criproxy/bin/criproxy")).isTrue();
    assertThat(node.text(ProxyProgram.OWN_UNIT))
        .contains("\nExecStart=/usr/lib/criproxy/bin/criproxy run --config " + ProxyFiles.CONFIG)
        .contains("\nExecReload=/usr/lib/criproxy/bin/criproxy hand-over\n");
  }

  @Test
  void allFailedPreconditionsAreReportedAtOnce() throws Exception {
    FakeNode node = Generation.KUBEADM_1_36.node(root);
    node.put("/proc/meminfo", "MemAvailable: 100000 kB\n");
    node.serve(FakeNode.PROXY, FakeRuntime.named("stranger").build());
    node.serve("/run/vm.sock", FakeRuntime.named("vm").cgroupDriver(CgroupDriver.CGROUPFS).build());
    Map<String, String> before = node.state();

    assertRefused(
        node,
        with(Map.of("vm", "/run/vm.sock"), Map.of()),
        "less than 200 MiB of memory",
        "is in use by stranger",
        "runtime vm has the cgroup driver cgroupfs, the primary has systemd");
    assertThat(node.state()).isEqualTo(before);
  }

  @Test
  void aPrimaryThatDoesNotAnswerIsRefused() throws Exception {
    FakeNode node = Generation.KUBEADM_1_36.node(root);
    node.containerd().down();

    assertRefused(node, InstallOptions.DEFAULT, "does not answer, so it cannot be the primary");
  }

  @Test
  void aFolderThatCannotBeWrittenIsRefused() throws Exception {
    FakeNode node = Generation.KUBEADM_1_36.node(root);
    // A file in place of the folder also stops root.
    node.put("/etc/own", "");
    node.put(ProxyProgram.DEFAULTS, "CRIPROXY_OPTS=\"--config /etc/own/criproxy.yaml\"\n");
    Map<String, String> before = node.state();

    assertRefused(node, InstallOptions.DEFAULT, "/etc/own/criproxy.yaml cannot be written");
    assertThat(node.state()).isEqualTo(before);
  }

  @Test
  void aSecondConcurrentInstallationIsRefused() throws Exception {
    FakeNode node = Generation.KUBEADM_1_36.node(root);
    try (NodeFiles.Lock unused = BootstrapLock.take(node)) {
      assertRefused(node, InstallOptions.DEFAULT, "another criproxy bootstrap runs on this node");
    }
    assertThat(bootstrap(node).install()).isTrue();
  }

  @Test
  void aDamagedJournalIsNotUsed() throws Exception {
    FakeNode node = Generation.KUBEADM_1_36.node(root);
    assertThat(bootstrap(node).install()).isTrue();
    String whole = node.text(JournalFile.PATH);

    for (String damaged :
        List.of(whole.replaceFirst("\"after\": \"", "$0x"), whole.substring(9), "", "{}")) {
      node.put(JournalFile.PATH, damaged);
      assertRefused(node, InstallOptions.DEFAULT, "is damaged");
    }
  }

  @Test
  void theUnitIsCheckedIfTheHealthEndpointIsDisabled() throws Exception {
    FakeNode node = Generation.KUBEADM_1_36.node(root);
    node.put(
        FakeKubelet.CONFIG,
        node.text(FakeKubelet.CONFIG).replace("healthzPort: 10248", "healthzPort: 0"));

    assertThat(bootstrap(node).install()).isTrue();
  }
}
