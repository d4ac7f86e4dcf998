package io.crirouter.examples.criproxy.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crirouter.examples.criproxy.bootstrap.FaultyNode.Killed;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The upgrade of a program that was installed from a tar.gz. */
class UpgradeTest {
  private final List<String> log = new ArrayList<>();

  @TempDir(factory = InMemory.class)
  private Path root;

  private Bootstrap bootstrap(Node node, Path image, String version) {
    return new Bootstrap(node, InstallOptions.DEFAULT, Optional.of(image), version, log::add);
  }

  /** A node with version 1, and its state before. */
  private record Installed(FakeNode node, Path image, Map<String, String> before) {}

  private Installed installed(String name) throws Exception {
    log.clear();
    FakeNode node = Generation.KUBEADM_1_20.node(root.resolve(name)).runPod("a");
    Path image = node.withoutPackage();
    Map<String, String> before = node.state();
    assertThat(bootstrap(node, image, "1").install()).as(log.toString()).isTrue();
    return new Installed(node, image, before);
  }

  private static int starts(FakeNode node) {
    return node.kubelet().starts();
  }

  @Test
  void theProxyHandsOverToTheNewProgramWithoutARestartOfTheKubelet() throws Exception {
    Installed installed = installed("node");
    FakeNode node = installed.node();
    int starts = starts(node);
    Path newer = node.newer("2", "");
    Map<String, String> old = node.state();

    assertThat(bootstrap(node, newer, "2").describe())
        .contains("# copy " + newer + " to /usr/lib/criproxy.b and link it at /usr/lib/criproxy\n")
        .contains("\n-# 1\n+# 2\n")
        .endsWith("# systemctl reload criproxy.service\n");
    assertThat(node.state()).as("only described").isEqualTo(old);
    assertThat(bootstrap(node, newer, "2").install()).as(log.toString()).isTrue();

    assertThat(log).last().isEqualTo("upgraded to 2");
    assertThat(node.proxyService().version()).isEqualTo("2");
    assertThat(starts(node)).isEqualTo(starts);
    assertThat(node.commands()).contains("systemctl reload criproxy.service");
    assertThat(node.text(ProxyProgram.OWN_UNIT)).endsWith("# 2\n");
    assertThat(node.systemd().isActive(RevertTimer.TIMER)).isFalse();
    assertThat(bootstrap(node, newer, "2").status().version()).isEqualTo("2");
    assertThat(bootstrap(node, newer, "2").verify())
        .noneMatch(finding -> finding.problem().isPresent());
    node.requireWorkingEndpoint("upgraded");

    assertThat(bootstrap(node, newer, "2").install()).isTrue();
    assertThat(log).last().asString().startsWith("already installed, since ");
    assertThat(bootstrap(node, installed.image(), "1").install()).as("and back").isTrue();
    assertThat(node.proxyService().version()).isEqualTo("1");
    bootstrap(node, newer, "2").uninstall(false, false);
    assertThat(node.state()).isEqualTo(installed.before());
  }

  @ParameterizedTest
  @ValueSource(strings = {TarGz.FOREIGN, TarGz.ENDS, TarGz.MUTE})
  void aNewProgramThatDoesNotWorkIsReverted(String program) throws Exception {
    FakeNode node = installed("node").node();
    Map<String, String> before = node.state();

    assertThat(bootstrap(node, node.newer("2", program), "2").install()).isFalse();

    assertThat(log).anyMatch(line -> line.startsWith("FAILED: "));
    assertThat(node.state()).isEqualTo(before);
    assertThat(node.proxyService().version()).isEqualTo("1");
    node.requireWorkingEndpoint("reverted");
    Bootstrap again = bootstrap(node, node.newer("2", ""), "2");
    assertThat(again.status().text()).contains("\nupgrade  to 2, reverted: ");
    assertThatThrownBy(() -> again.install(false))
        .as("by a DaemonSet's pod")
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("an earlier upgrade to 2 was reverted: ");
    assertThat(again.install(true)).as(log.toString()).isTrue();
    assertThat(node.proxyService().version()).isEqualTo("2");
  }

  /** An upgrade to a third version, after the second one was killed. */
  @Test
  void killedAnywhereItCanBeReplacedByAnotherVersion() throws Exception {
    List<String> effects = effects("");
    for (int i = 0; i < effects.size(); i++) {
      String when = "killed before " + i + ", " + effects.get(i);
      Installed installed = installed("third" + i);
      FakeNode node = installed.node();
      Path second = kill(node, "", i);
      assertThat(
              bootstrap(node, second, "2").verify().stream()
                  .anyMatch(
                      finding -> finding.toString().startsWith("FAILED  no upgrade is unfinished")))
          .as(when)
          .isEqualTo(!node.text(JournalFile.UPGRADE).startsWith("(no"));

      assertThat(bootstrap(node, node.newer("3", ""), "3").install()).as(when + log).isTrue();

      assertThat(node.proxyService().version()).as(when).isEqualTo("3");
      assertThat(bootstrap(node, second, "2").status().version()).as(when).isEqualTo("3");
      bootstrap(node, second, "2").uninstall(false, false);
      assertThat(node.state()).as(when).isEqualTo(installed.before());
    }
  }

  private List<String> effects(String program) throws Exception {
    FakeNode node = installed("whole").node();
    FaultyNode observed = new FaultyNode(node, FaultyNode.none());
    boolean isGood = bootstrap(observed, node.newer("2", program), "2").install();
    assertThat(isGood).isEqualTo(program.isEmpty());
    assertThat(observed.effects()).hasSizeGreaterThan(20);
    return observed.effects();
  }

  private Path kill(FakeNode node, String program, int effect) throws IOException {
    Path newer = node.newer("2", program);
    FaultyNode killed = new FaultyNode(node, FaultyNode.killBefore(effect));
    assertThatThrownBy(() -> bootstrap(killed, newer, "2").install()).isInstanceOf(Killed.class);
    return newer;
  }

  @Test
  void killedAnywhereItCanBeResumed() throws Exception {
    List<String> effects = effects("");
    for (int i = 0; i < effects.size(); i++) {
      String when = "killed before " + i + ", " + effects.get(i);
      Installed installed = installed("resume" + i);
      FakeNode node = installed.node();

      Path newer = kill(node, "", i);
      assertThat(node.kubelet().isHealthy()).as(when).isTrue();
      assertThat(bootstrap(node, newer, "2").install()).as(when + log).isTrue();

      assertThat(node.proxyService().version()).as(when).isEqualTo("2");
      assertThat(bootstrap(node, newer, "2").status().version()).as(when).isEqualTo("2");
      assertThat(node.systemd().isActive(RevertTimer.TIMER)).as(when).isFalse();
      node.requireWorkingEndpoint(when);
      bootstrap(node, newer, "2").uninstall(false, false);
      assertThat(node.state()).as(when).isEqualTo(installed.before());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", TarGz.MUTE})
  void killedAnywhereItCanBeRevertedAndIsByTheTimer(String program) throws Exception {
    List<String> effects = effects(program);
    for (int i = 0; i < effects.size(); i++) {
      String when = "killed before " + i + ", " + effects.get(i);
      FakeNode node = installed("revert" + program + i).node();
      Map<String, String> before = node.state();

      Path newer = kill(node, program, i);
      boolean isOld = node.proxyService().version().equals("1");
      node.pause(InstallOptions.DEFAULT.revertAfter());
      boolean byTimer = node.systemd().takeDue();
      boolean isCommitted =
          node.text(JournalFile.PATH).contains("\"version\": \"2\"")
              || node.text(JournalFile.UPGRADE).contains("\"INSTALLED\"");
      assertThat(byTimer || isOld || isCommitted).as(when + ": the timer is armed").isTrue();
      bootstrap(node, newer, "2").revert(byTimer);

      assertThat(node.proxyService().version()).as(when).isEqualTo(isCommitted ? "2" : "1");
      if (!isCommitted) {
        assertThat(node.state()).as(when).isEqualTo(before);
      }
      node.requireWorkingEndpoint(when + " and reverted");
    }
  }

  @Test
  void aFirstInstallationFromATarGzKilledAnywhereCanBeResumed() throws Exception {
    FakeNode whole = Generation.KUBEADM_1_20.node(root.resolve("first"));
    FaultyNode observed = new FaultyNode(whole, FaultyNode.none());
    assertThat(bootstrap(observed, whole.withoutPackage(), "1").install()).isTrue();
    for (int i = 0; i < observed.effects().size(); i++) {
      String when = "killed before " + i + ", " + observed.effects().get(i);
      FakeNode node = Generation.KUBEADM_1_20.node(root.resolve("first" + i));
      Path image = node.withoutPackage();
      Map<String, String> before = node.state();
      FaultyNode killed = new FaultyNode(node, FaultyNode.killBefore(i));

      assertThatThrownBy(() -> bootstrap(killed, image, "1").install()).isInstanceOf(Killed.class);
      node.requireWorkingEndpoint(when);
      bootstrap(node, image, "1").revert(false);
      if (!node.text(JournalFile.PATH).contains("\"INSTALLED\"")) {
        assertThat(node.state()).as(when).isEqualTo(before);
      }
      assertThat(bootstrap(node, image, "1").install()).as(when + log).isTrue();
      bootstrap(node, image, "1").uninstall(false, false);
      assertThat(node.state()).as(when).isEqualTo(before);
    }
  }
}
