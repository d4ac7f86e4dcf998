package io.crirouter.examples.criproxy.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crirouter.core.BackendState;
import io.crirouter.testkit.CriClient;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Reloads of the configuration of a running proxy. */
@Timeout(60)
class ReloadTest {
  private static final String TO_VM = "policies: [{namespace: {tenant: vm}}]\n";

  @TempDir private Path folder;
  private ServedNode node;
  private ProxyService service;
  private CriClient client;
  private int refusals;

  @BeforeEach
  void start() throws Exception {
    node = new ServedNode(folder, "containerd", "vm");
    node.write(both());
    service = node.start();
    client = CriClient.connect(node.socket);
  }

  @AfterEach
  void stop() {
    client.close();
    service.close();
    node.close();
  }

  private String alone() {
    return node.config(node.backend("containerd"), "");
  }

  private String both() {
    return node.config(node.backend("containerd") + node.backend("vm"), TO_VM);
  }

  private ReloadReport reload(String config) throws Exception {
    node.write(config);
    return service.reload(node::read);
  }

  private void assertRefused(String config, String... words) throws Exception {
    ReloadReport report = reload(config);

    assertThat(report.isApplied()).as(report.message()).isFalse();
    assertThat(report.message()).contains(words);
    assertThat(service.lastReload()).contains(report);
    assertThat(names()).as("nothing is half applied").containsExactly("containerd", "vm");
    assertThat(ServedNode.run(client, "tenant", "new" + ++refusals)).startsWith("vm__");
  }

  private List<String> names() {
    return service.router().backends().stream().map(state -> state.name().value()).toList();
  }

  @Test
  void noCallFailsWhileRuntimesAndPoliciesAreAddedAndRemoved() throws Exception {
    try (Load load = new Load(node.socket, "tenant", 3, 1)) {
      for (int i = 0; i < 12; i++) {
        ReloadReport alone = reload(alone());
        assertThat(alone.isApplied()).as(alone.message()).isTrue();
        Await.until("the runtime is gone", () -> names().size() == 1);
        load.awaitRounds(5);
        ReloadReport both = reload(both());
        assertThat(both.isApplied()).as(both.message()).isTrue();
        load.awaitRounds(5);
      }

      assertThat(load.failures()).isEmpty();
    }
    assertThat(node.runtime("vm").journal().callsOf("RunPodSandbox")).isNotEmpty();
    assertThat(node.runtime("containerd").journal().callsOf("RunPodSandbox")).isNotEmpty();
  }

  @Test
  void noCallFailsWhileSocketsAndOptionsChange() throws Exception {
    node.serve("vm", "vm2");
    node.serve("containerd", "containerd2");
    try (Load tenant = new Load(node.socket, "tenant", 2, 1);
        Load plain = new Load(node.socket, "default", 1, 0)) {
      for (int i = 0; i < 12; i++) {
        String number = i % 2 == 0 ? "2" : "";
        String more = i % 3 == 0 ? ", connectTimeout: 4s" : "";
        ReloadReport report =
            reload(
                node.config(
                    node.backend("containerd", "containerd" + number, more)
                        + node.backend("vm", "vm" + number, ", runtimeHandlers: {a" + i + ": b}"),
                    TO_VM));
        assertThat(report.message()).contains("backend vm: ", "endpoint", "runtimeHandlers");
        tenant.awaitRounds(5);
      }

      assertThat(tenant.failures()).isEmpty();
      assertThat(plain.failures()).isEmpty();
    }
  }

  @Test
  void aRemovedRuntimeServesItsPodsUntilTheLastIsGone() throws Exception {
    String pod = ServedNode.run(client, "tenant", "a");

    ReloadReport report =
        reload(node.config(node.backend("containerd"), "policies: [{annotation: runtime}]\n"));

    assertThat(report.message()).contains("vm is removed when it has no pods", "policies");
    assertThat(ServedNode.run(client, "tenant", "b")).doesNotContain("__");
    assertThat(ServedNode.status(client, pod)).isEqualTo(pod);
    assertThat(ServedNode.pods(client)).contains(pod);
    ServedNode.remove(client, pod);
    Await.until("it is gone", () -> names().equals(List.of("containerd")));
  }

  @Test
  void aRemovedRuntimeStaysIfItIsConfiguredAgain() throws Exception {
    String pod = ServedNode.run(client, "tenant", "a");
    reload(alone());

    ReloadReport report = reload(both());

    assertThat(report.message()).contains("backend vm stays");
    ServedNode.remove(client, pod);
    assertThat(ServedNode.run(client, "tenant", "b")).startsWith("vm__");
    assertThat(reload(both()).message()).isEqualTo("nothing has changed");
  }

  @Test
  void anInvalidFileIsRefusedWhole() throws Exception {
    String more = node.backend("kata");
    assertRefused(
        node.config(node.backend("containerd") + more, "polcies: []\n"), "polcies", "policies");
    assertRefused("backends: [", "criproxy.yaml");
    assertRefused(
        node.config(node.backend("containerd") + more, "policies: [{always: nobody}]\n"), "nobody");
  }

  /** See {@link ReloadKeysTest} for all keys. */
  @Test
  void keysThatNeedARestartAreRefusedByName() throws Exception {
    String config =
        node.config(node.backend("containerd") + node.backend("vm") + node.backend("kata"), TO_VM);

    assertRefused(
        config + "timeouts: {podLists: 1s}\n", "restart or a hand-over", "timeouts.podLists");
  }

  @Test
  void changesOfIdsAndImageNamesAreRefusedByName() throws Exception {
    String primary = node.backend("containerd");
    assertRefused(
        node.config(primary + node.backend("vm", "vm", ", idPrefix: v"), TO_VM),
        "idPrefix of backend vm");
    assertRefused(
        node.config(primary + node.backend("vm", "vm", ", images: shared"), TO_VM),
        "images of backend vm");
    assertRefused(node.config(node.backend("vm") + primary, TO_VM), "backends[0].name");
  }

  @Test
  void aReadyRuntimeIsNotMovedToADeadSocket() throws Exception {
    assertRefused(
        node.config(node.backend("containerd", "nowhere", "") + node.backend("vm"), TO_VM),
        "runtime containerd is ready, but not at",
        "nowhere.sock");
  }

  @Test
  void aRuntimeThatIsNotReadyCanBeMovedToADeadSocket() throws Exception {
    node.stop("vm");
    Await.until("it is lost", () -> !isReady("vm"));
    node.serve("vm", "moved");

    ReloadReport report =
        reload(node.config(node.backend("containerd") + node.backend("vm", "moved", ""), TO_VM));

    assertThat(report.isApplied()).as(report.message()).isTrue();
    Await.until("it is ready", () -> isReady("vm"));
  }

  private boolean isReady(String name) {
    return service.router().backends().stream()
        .anyMatch(
            state ->
                state.name().value().equals(name) && state.phase() == BackendState.Phase.READY);
  }

  @Test
  void noSocketCanHaveTwoNames() throws Exception {
    String primary = node.backend("containerd");
    assertRefused(
        node.config(primary + node.backend("renamed", "vm", ""), ""),
        "backend renamed has the socket of backend vm");
    assertRefused(
        node.config(
            node.backend("containerd", "vm", "") + node.backend("vm", "containerd", ""), TO_VM),
        "has the socket of");
  }

  @Test
  void aPrefixThatIsStillInUseIsRefused() throws Exception {
    String pod = ServedNode.run(client, "tenant", "a");
    reload(alone());

    ReloadReport report =
        reload(
            node.config(
                node.backend("containerd") + node.backend("other", "other", ", idPrefix: vm"), ""));

    assertThat(report.isApplied()).isFalse();
    assertThat(report.message()).contains("other", "vm__");
    assertThat(ServedNode.status(client, pod)).isEqualTo(pod);
  }

  @Test
  void aRuntimeThatDoesNotRunYetCanBeAdded() throws Exception {
    ReloadReport report =
        reload(
            node.config(
                node.backend("containerd") + node.backend("vm") + node.backend("kata"),
                "policies: [{namespace: {k: kata}}]\n"));

    assertThat(report.isApplied()).as(report.message()).isTrue();
    assertThatThrownBy(() -> ServedNode.run(client, "k", "a")).hasMessageContaining("kata");
    node.serve("kata", "kata");
    Await.until("it is ready", () -> isReady("kata"));
    assertThat(ServedNode.run(client, "k", "a")).startsWith("kata__");
  }

  @Test
  void theDrainTimeAndTheLogLevelChange() throws Exception {
    ReloadReport report = reload(both() + "drainTimeout: 7s\nlog: {level: warn}\n");

    assertThat(report.message()).contains("drainTimeout", "log.level");
    assertThat(service.config().drainTimeout()).hasSeconds(7);
    reload(both());
  }
}
