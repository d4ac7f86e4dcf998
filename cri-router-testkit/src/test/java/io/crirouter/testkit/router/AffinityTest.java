package io.crirouter.testkit.router;

import static io.crirouter.testkit.router.FailureAssertions.assertFails;
import static io.crirouter.testkit.router.Node.CONTAINERD;
import static io.crirouter.testkit.router.Node.VIRTLET;
import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.core.BackendName;
import io.crirouter.core.RpcStatus;
import io.crirouter.proto.v1.ListPodSandboxRequest;
import io.crirouter.proto.v1.PodSandbox;
import io.crirouter.proto.v1.PodSandboxConfig;
import io.crirouter.proto.v1.RunPodSandboxRequest;
import io.grpc.Status.Code;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A pod stays at the runtime that has, or may have, one of its sandboxes. */
class AffinityTest {
  private final AtomicReference<BackendName> choice = new AtomicReference<>(VIRTLET);
  private final Node node = Node.withPolicy(pod -> Optional.of(choice.get()));
  private final PodSandboxConfig.Builder pod = Pods.plain("a");

  private void changePolicyDecision() {
    choice.set(CONTAINERD);
  }

  private void assertStays() {
    assertThat(node.run(Pods.nextSandboxOf(pod))).as("the next sandbox").startsWith("virt__");
    assertThat(node.containerd.pods()).isEmpty();
  }

  private void assertIsPlacedByThePolicy() {
    assertThat(node.run(Pods.nextSandboxOf(pod))).as("the next sandbox").doesNotContain("__");
    assertThat(node.containerd.pods()).hasSize(1);
  }

  @Test
  void aPodWithASandboxStaysWhenThePolicyChanges() {
    node.run(pod);

    changePolicyDecision();

    assertStays();
  }

  @Test
  void otherPodsFollowThePolicy() {
    node.run(pod);

    changePolicyDecision();
    node.run(Pods.plain("b"));

    assertThat(node.containerd.pods()).hasSize(1);
  }

  @Test
  void aPodStaysIfTheResponseOfItsCreationIsLost() {
    node.virtlet.loseNextAnswer("RunPodSandbox");
    assertFails(() -> node.run(pod), Code.UNAVAILABLE, "virtlet.cloud");

    changePolicyDecision();

    assertStays();
  }

  @ParameterizedTest
  @EnumSource(
      value = RpcStatus.Code.class,
      names = {"DEADLINE_EXCEEDED", "CANCELLED", "UNAVAILABLE"})
  void aPodStaysIfItsCreationHasNoDefiniteOutcome(RpcStatus.Code code) {
    node.virtlet.failNext("RunPodSandbox", code, "the CNI plugin takes long");
    assertFails(() -> node.run(pod), Code.valueOf(code.name()));

    changePolicyDecision();

    assertStays();
  }

  @Test
  void aPodStaysIfItsCreationIsCancelled() {
    node.virtlet.hang("RunPodSandbox");
    RawCall call =
        RawCall.start(
            node.router,
            "RunPodSandbox",
            RunPodSandboxRequest.newBuilder().setConfig(pod).build().toByteString());
    call.cancel();
    node.virtlet.resume();

    changePolicyDecision();

    assertStays();
  }

  @Test
  void aRefusedPodIsPlacedByThePolicy() {
    node.virtlet.failNext("RunPodSandbox", RpcStatus.Code.UNKNOWN, "no kernel");
    assertFails(() -> node.run(pod), Code.UNKNOWN, "no kernel");

    changePolicyDecision();

    assertIsPlacedByThePolicy();
  }

  @Test
  void aPodForARuntimeThatWasNeverSeenIsPlacedByThePolicy() {
    Node late = Node.builder().policy(any -> Optional.of(choice.get())).virtletStartsLate().build();
    assertFails(() -> late.run(pod), Code.UNAVAILABLE, "virtlet.cloud");

    changePolicyDecision();
    late.run(pod);

    assertThat(late.containerd.pods()).hasSize(1);
  }

  @Test
  void thePlacementEndsWithTheRemovalOfTheSandbox() {
    String sandbox = node.run(pod);

    changePolicyDecision();
    node.remove(sandbox);

    assertIsPlacedByThePolicy();
  }

  @Test
  void aFailedRemovalKeepsThePlacement() {
    String sandbox = node.run(pod);
    node.virtlet.failNext("RemovePodSandbox", RpcStatus.Code.UNKNOWN, "device busy");
    assertFails(() -> node.remove(sandbox), Code.UNKNOWN, "device busy");

    changePolicyDecision();

    assertStays();
  }

  @Test
  void theRemovalOfAnOlderSandboxKeepsThePlacement() {
    String first = node.run(pod);
    pod.getMetadataBuilder().setAttempt(1);
    node.run(pod);

    changePolicyDecision();
    node.remove(first);

    assertStays();
  }

  @Test
  void podsWithoutUidAreDistinct() {
    pod.getMetadataBuilder().clearUid();
    node.run(pod);

    changePolicyDecision();

    assertIsPlacedByThePolicy();
  }

  @Test
  void afterTheRemovalOfTheNewestSandboxTheOlderOneKeepsThePlacement() {
    String first = node.run(pod);
    String second = node.run(Pods.nextSandboxOf(pod));

    changePolicyDecision();
    node.remove(second);
    pod.getMetadataBuilder().setAttempt(2);
    assertStays();

    for (PodSandbox left : node.virtlet.pods()) {
      node.remove("virt__" + left.getId());
    }
    assertThat(node.virtlet.pods()).as("with %s", first).isEmpty();
    pod.getMetadataBuilder().setAttempt(4);
    assertIsPlacedByThePolicy();
  }

  @Test
  void aRemovalByShortenedIdEndsThePlacement() {
    String sandbox = node.run(pod);
    String other = node.run(Pods.plain("b"));

    changePolicyDecision();
    node.remove(sandbox.substring(0, "virt__".length() + 13));

    assertIsPlacedByThePolicy();
    assertThat(node.run(Pods.nextSandboxOf(Pods.plain("b"))))
        .as("beside %s", other)
        .startsWith("virt__");
  }

  @Test
  void thePlacementEndsIfALaterListHasNoSandboxOfThePod() {
    node.virtlet.failNext("RunPodSandbox", RpcStatus.Code.DEADLINE_EXCEEDED, "slow");
    assertFails(() -> node.run(pod), Code.DEADLINE_EXCEEDED);
    changePolicyDecision();

    node.clock.advance(Duration.ofMinutes(4).minusSeconds(1));
    list();
    node.clock.advance(Duration.ofSeconds(2));
    assertThat(isFree())
        .as("the list was requested while the pod could still be created")
        .isFalse();

    list();
    assertThat(isFree()).as("a list of later").isTrue();
  }

  @Test
  void aPodStaysIfALaterListHasItsSandbox() {
    node.virtlet.loseNextAnswer("RunPodSandbox");
    assertFails(() -> node.run(pod), Code.UNAVAILABLE, "virtlet.cloud");
    changePolicyDecision();

    node.clock.advance(Duration.ofMinutes(10));
    list();

    assertStays();
  }

  @Test
  void withoutAListThePlacementStays() {
    node.virtlet.failNext("RunPodSandbox", RpcStatus.Code.DEADLINE_EXCEEDED, "slow");
    assertFails(() -> node.run(pod), Code.DEADLINE_EXCEEDED);
    changePolicyDecision();
    node.virtlet.down();
    node.clock.advance(Duration.ofMinutes(10));
    list();

    assertThat(isFree()).isFalse();
  }

  private void list() {
    node.client.runtime().listPodSandbox(ListPodSandboxRequest.getDefaultInstance());
  }

  /** Whether the pod would be placed by the policy, found by a creation that fails. */
  private boolean isFree() {
    node.containerd.journal().clear();
    RpcStatus refusal = RpcStatus.of(RpcStatus.Code.UNKNOWN, "not now");
    node.containerd.failAlways("RunPodSandbox", refusal);
    node.virtlet.failAlways("RunPodSandbox", refusal);
    RawCall.start(
            node.router,
            "RunPodSandbox",
            RunPodSandboxRequest.newBuilder().setConfig(pod).build().toByteString())
        .status();
    return !node.containerd.journal().callsOf("RunPodSandbox").isEmpty();
  }

  /**
   * Random creations and removals of sandboxes of one pod. The placement is that of the newest
   * sandbox, and the policy decides if there is none.
   */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void thePlacementFollowsTheNewestSandbox(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<String> sandboxes = new ArrayList<>();
    for (int attempt = 0; attempt < 60; attempt++) {
      boolean toVirtlet = random.nextBoolean();
      choice.set(toVirtlet ? VIRTLET : CONTAINERD);
      if (sandboxes.isEmpty() || (sandboxes.size() < 8 && random.nextInt(5) < 3)) {
        pod.getMetadataBuilder().setAttempt(attempt);
        String id = node.run(pod);
        boolean expected =
            sandboxes.isEmpty()
                ? toVirtlet
                : sandboxes.get(sandboxes.size() - 1).startsWith("virt__");
        assertThat(id.startsWith("virt__"))
            .as("step %d of %s", attempt, sandboxes)
            .isEqualTo(expected);
        sandboxes.add(id);
      } else {
        String id = sandboxes.remove(random.nextInt(sandboxes.size()));
        node.remove(random.nextBoolean() ? id : id.substring(0, 30));
      }
    }
  }
}
