package io.crirouter.examples.criproxy.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crirouter.examples.criproxy.bootstrap.FaultyNode.Fault;
import io.crirouter.examples.criproxy.bootstrap.FaultyNode.Killed;
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

/**
 * An installation is interrupted before each of its effects. Each time the kubelet has a working
 * endpoint, also after a reboot, and can be resumed or reverted.
 */
class InterruptedInstallTest {
  private static final Duration REVERT_AFTER = Duration.ofMinutes(10);
  private static final InstallOptions OPTIONS =
      new InstallOptions(
          Map.of(), Map.of(), REVERT_AFTER, Duration.ofSeconds(9), Duration.ofSeconds(20));

  private final List<String> log = new ArrayList<>();

  @TempDir(factory = InMemory.class)
  private Path root;

  private Bootstrap bootstrap(Node node) {
    return new Bootstrap(node, OPTIONS, Optional.empty(), "1", log::add);
  }

  private FakeNode node(Generation generation, String name) throws IOException {
    log.clear();
    return generation.node(root.resolve(generation + "-" + name)).runPod("a").runPod("b");
  }

  /** The effects of an uninterrupted installation. */
  private List<String> effects(Generation generation, boolean doomed) throws Exception {
    FakeNode node = node(generation, "whole" + doomed);
    if (doomed) {
      node.kubelet().refuse(FakeNode.PROXY::equals);
    }
    FaultyNode observed = new FaultyNode(node, FaultyNode.none());
    assertThat(bootstrap(observed).install()).isNotEqualTo(doomed);
    assertThat(observed.effects()).hasSizeGreaterThan(30);
    return observed.effects();
  }

  private void kill(FakeNode node, int effect) {
    FaultyNode killed = new FaultyNode(node, FaultyNode.killBefore(effect));
    assertThatThrownBy(() -> bootstrap(killed).install()).isInstanceOf(Killed.class);
  }

  @ParameterizedTest
  @EnumSource(
      value = Generation.class,
      names = {"KUBEADM_1_20", "KUBEADM_1_36_WITH_FLAG"})
  void killedAnywhereItCanBeResumed(Generation generation) throws Exception {
    List<String> effects = effects(generation, false);
    for (int i = 0; i < effects.size(); i++) {
      String when = "killed before " + i + ", " + effects.get(i);
      FakeNode node = node(generation, "resume" + i);
      int starts = node.kubelet().starts();

      kill(node, i);
      assertThat(node.kubelet().isHealthy()).as(when).isTrue();
      assertThat(bootstrap(node).install()).as(when + log).isTrue();

      assertThat(node.kubelet().starts()).as(when + ": one restart").isEqualTo(starts + 1);
      assertThat(node.kubelet().socket()).as(when).isEqualTo(FakeNode.PROXY);
      assertThat(node.systemd().isActive(RevertTimer.TIMER)).as(when).isFalse();
      node.requireWorkingEndpoint(when);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Generation.class,
      names = {"KUBEADM_1_20", "KUBEADM_1_36_WITH_FLAG"})
  void killedAnywhereItCanBeRevertedAndIsByTheTimer(Generation generation) throws Exception {
    List<String> effects = effects(generation, false);
    for (int i = 0; i < effects.size(); i++) {
      String when = "killed before " + i + ", " + effects.get(i);
      FakeNode node = node(generation, "revert" + i);
      Map<String, String> before = node.state();

      kill(node, i);
      node.requireWorkingEndpoint(when);
      node.pause(REVERT_AFTER);
      boolean byTimer = node.systemd().takeDue();
      boolean isChanged = !node.kubelet().socketAfterRestart().equals(FakeNode.CONTAINERD);
      boolean isCommitted = node.text(JournalFile.PATH).contains("\"INSTALLED\"");
      assertThat(byTimer || !isChanged || isCommitted).as(when + ": the timer is armed").isTrue();
      bootstrap(node).revert(byTimer);

      if (isCommitted) {
        assertThat(node.kubelet().socket()).as(when).isEqualTo(FakeNode.PROXY);
      } else {
        assertThat(node.state()).as(when).isEqualTo(before);
      }
      node.requireWorkingEndpoint(when + " and reverted");
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Generation.class,
      names = {"KUBEADM_1_20", "KUBEADM_1_36_WITH_FLAG"})
  void anUnhealthyKubeletIsRevertedAlsoIfTheRevertIsKilledAnywhere(Generation generation)
      throws Exception {
    List<String> effects = effects(generation, true);
    int restart = effects.lastIndexOf("run systemctl restart kubelet.service");
    for (int i = 0; i < effects.size(); i++) {
      String when = "killed before " + i + ", " + effects.get(i);
      FakeNode node = node(generation, "doomed" + i);
      Map<String, String> before = node.state();
      node.kubelet().refuse(FakeNode.PROXY::equals);

      kill(node, i);
      if (i > restart) {
        assertThat(node.kubelet().isHealthy()).as(when).isTrue();
      }
      node.pause(REVERT_AFTER);
      bootstrap(node).revert(node.systemd().takeDue());

      assertThat(node.state()).as(when).isEqualTo(before);
      node.requireWorkingEndpoint(when);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Generation.class,
      names = {"KUBEADM_1_20", "KUBEADM_1_36_WITH_FLAG"})
  void aFullDiskAtAnyStepLeavesAWorkingEndpoint(Generation generation) throws Exception {
    List<String> effects = effects(generation, false);
    for (int i = 0; i < effects.size(); i++) {
      String when = "full before " + i + ", " + effects.get(i);
      FakeNode node = node(generation, "full" + i);
      Map<String, String> before = node.state();

      boolean isInstalled = installOnFullDisk(node, i);
      node.requireWorkingEndpoint(when);
      // There is room again.
      bootstrap(node).revert(false);

      if (!isInstalled) {
        assertThat(node.state()).as(when).isEqualTo(before);
      }
      node.requireWorkingEndpoint(when + ", then reverted");
    }
  }

  private boolean installOnFullDisk(FakeNode node, int from) throws Exception {
    Fault full =
        (number, effect) -> {
          if (number >= from && effect.startsWith("write ")) {
            throw new IOException("No space left on device");
          }
        };
    try {
      return bootstrap(new FaultyNode(node, full)).install();
    } catch (IOException e) {
      assertThat(e).hasMessage("No space left on device");
      return false;
    }
  }

  @Test
  void clockJumpsDoNotAffectTheTimer() throws Exception {
    FakeNode node = node(Generation.KUBEADM_1_36_WITH_FLAG, "clock");
    List<String> effects = effects(Generation.KUBEADM_1_36_WITH_FLAG, false);

    kill(node, effects.indexOf("run systemctl restart kubelet.service") + 1);
    node.jumpClock(Duration.ofDays(400));
    assertThat(node.systemd().takeDue()).as("a jump ahead").isFalse();
    node.jumpClock(Duration.ofDays(-800));
    node.pause(REVERT_AFTER);
    assertThat(node.systemd().takeDue()).as("a jump back").isTrue();
    bootstrap(node).revert(true);

    assertThat(node.kubelet().socket()).isEqualTo(FakeNode.CONTAINERD);
  }
}
