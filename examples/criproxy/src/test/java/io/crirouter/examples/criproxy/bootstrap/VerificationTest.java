package io.crirouter.examples.criproxy.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.crirouter.examples.criproxy.bootstrap.FaultyNode.Killed;
import io.crirouter.examples.criproxy.bootstrap.Verification.Finding;
import io.crirouter.testkit.FakeRuntime;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The verification and status of an installation. */
class VerificationTest {
  private final List<String> log = new ArrayList<>();

  @TempDir(factory = InMemory.class)
  private Path root;

  private FakeNode node;

  @BeforeEach
  void start() throws Exception {
    node = Generation.KUBEADM_1_36.node(root).runPod("a");
  }

  private Bootstrap bootstrap(Node on) {
    return new Bootstrap(on, InstallOptions.DEFAULT, Optional.empty(), "1.2", log::add);
  }

  private void install() throws Exception {
    assertThat(bootstrap(node).install()).as(log.toString()).isTrue();
  }

  private List<String> problems() throws Exception {
    return bootstrap(node).verify().stream()
        .filter(finding -> finding.problem().isPresent())
        .map(Finding::what)
        .toList();
  }

  @Test
  void anInstallationHasNoProblems() throws Exception {
    install();

    assertThat(bootstrap(node).verify()).hasSize(10);
    assertThat(problems()).isEmpty();
  }

  @Test
  void aStoppedProxyIsReported() throws Exception {
    install();
    CommandResult unused =
        node.run(Duration.ZERO, List.of("systemctl", "disable", "--now", ProxyProgram.UNIT));

    assertThat(problems())
        .containsExactly(
            "criproxy.service runs",
            "criproxy.service is started at boot",
            "the proxy answers at unix:///run/criproxy/criproxy.sock",
            "the proxy lists all that the primary lists",
            "the kubelet is healthy");
  }

  @Test
  void anEndpointThatWasChangedBackIsReported() throws Exception {
    install();
    node.put(
        FakeKubelet.CONFIG,
        node.text(FakeKubelet.CONFIG).replace(FakeNode.PROXY, FakeNode.CONTAINERD));
    node.kubelet().start();

    assertThat(problems())
        .containsExactly(
            "the kubelet uses the proxy", "an upgrade by kubeadm keeps the proxy's endpoint");
  }

  @Test
  void aNodeThatIsNotReadyIsReported() throws Exception {
    install();
    node.connectApi().setReady(false);

    assertThat(problems()).containsExactly("the kubelet is healthy");
  }

  @Test
  void theStatusIsPrintedAsTextAndJson() throws Exception {
    assertThat(bootstrap(node).status().text()).isEqualTo("not-installed\n");
    install();

    JsonObject json = JsonParser.parseString(bootstrap(node).status().json()).getAsJsonObject();
    assertThat(json.get("state").getAsString()).isEqualTo("installed");
    assertThat(json.get("version").getAsString()).isEqualTo("1.2");
    assertThat(json.get("primary").getAsString()).isEqualTo(Generation.ENDPOINT);
    assertThat(json.get("since").getAsString()).isNotEmpty();
    assertThat(bootstrap(node).status().text()).contains("done     restart the kubelet\n");
  }

  @Test
  void theStatusOfARevertedInstallationHasTheReason() throws Exception {
    node.connectApi().setReady(true);
    node.kubelet().refuse(FakeNode.PROXY::equals);

    assertThat(bootstrap(node).install()).isFalse();

    assertThat(bootstrap(node).status().text())
        .startsWith("reverted\n")
        .contains("reason   the kubelet is not healthy after its restart");
    assertThat(bootstrap(node).verify()).isEmpty();
  }

  @Test
  void withoutRetryARevertedInstallationIsRefusedWithTheReason() throws Exception {
    node.proxyService().breakStarts();
    assertThat(bootstrap(node).install(false)).isFalse();

    assertThatThrownBy(() -> bootstrap(node).install(false))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("journalctl -u criproxy");
    bootstrap(node).uninstall(false, false);
    assertThat(bootstrap(node).status().state()).isEqualTo("not-installed");
    assertThat(bootstrap(node).install(false)).as("tried again").isFalse();
  }

  @Test
  void aContainerThatWasRestartedMeanwhileRevertsIt() throws Exception {
    FaultyNode restarting =
        new FaultyNode(
            node,
            (number, effect) -> {
              if (effect.equals("run systemctl restart kubelet.service")
                  && node.kubelet().starts() == 1) {
                node.containerd().killContainer(node.containerd().containers().get(0).getId(), 137);
              }
            });

    assertThat(bootstrap(restarting).install()).isFalse();

    assertThat(log)
        .anyMatch(
            line ->
                line.contains("pods or containers that ran before have changed")
                    && line.contains("ended with 137"));
    assertThat(node.kubelet().socket()).isEqualTo(FakeNode.CONTAINERD);
  }

  @Test
  void aContainerThatEndsWithZeroRevertsNothing() throws Exception {
    FaultyNode ending =
        new FaultyNode(
            node,
            (number, effect) -> {
              if (effect.equals("run systemctl restart kubelet.service")) {
                node.containerd().killContainer(node.containerd().containers().get(0).getId(), 0);
              }
            });

    assertThat(bootstrap(ending).install()).as(log.toString()).isTrue();
  }

  @Test
  void aProxyThatDoesNotStartIsRevertedBeforeTheKubeletIsChanged() throws Exception {
    node.proxyService().breakStarts();
    int starts = node.kubelet().starts();

    assertThat(bootstrap(node).install()).isFalse();

    assertThat(log).anyMatch(line -> line.contains("journalctl -u criproxy"));
    assertThat(node.kubelet().starts()).isEqualTo(starts);
  }

  @Test
  void aProxyThatDoesNotListWhatThePrimaryListsIsReverted() throws Exception {
    FakeRuntime other = FakeRuntime.named("other").build();
    int starts = node.kubelet().starts();
    FaultyNode misled =
        new FaultyNode(
            node,
            (number, effect) -> {
              if (node.systemd().isActive(ProxyProgram.UNIT)) {
                node.serve(FakeNode.PROXY, other);
              }
            });

    assertThat(bootstrap(misled).install()).isFalse();

    String pod = node.containerd().pods().get(0).getId();
    assertThat(log)
        .anyMatch(line -> line.contains("does not list what the primary lists: pod " + pod));
    assertThat(node.kubelet().starts()).isEqualTo(starts);
  }

  @Test
  void anInstallerThatHangsIsKilledByTheTimersRevert() throws Exception {
    String self = String.valueOf(ProcessHandle.current().pid());
    FaultyNode hanging = new FaultyNode(node, FaultyNode.killBefore(30));
    assertThatThrownBy(() -> bootstrap(hanging).install()).isInstanceOf(Killed.class);
    NodeFiles.Lock lock = BootstrapLock.take(node);
    node.add(
        new NodeProcess(
            Long.parseLong(self), 1, List.of("java", "bootstrap"), Optional.empty(), false));
    List<String> killed = new ArrayList<>();
    node.onKill(
        () -> {
          killed.add(self);
          try {
            lock.close();
          } catch (IOException e) {
            throw new AssertionError(e);
          }
        });

    bootstrap(node).revert(true);

    assertThat(killed).containsExactly(self);
    assertThat(bootstrap(node).status().state()).isEqualTo("reverted");
  }
}
