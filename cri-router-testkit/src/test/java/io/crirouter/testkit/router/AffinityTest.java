package io.crirouter.testkit.router;

import static io.crirouter.testkit.router.Failures.assertFails;
import static io.crirouter.testkit.router.Node.CONTAINERD;
import static io.crirouter.testkit.router.Node.VIRTLET;
import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.core.BackendName;
import io.crirouter.core.RpcStatus;
import io.crirouter.proto.v1.PodSandboxConfig;
import io.crirouter.proto.v1.RunPodSandboxRequest;
import io.grpc.Status.Code;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A pod stays at the runtime that has, or may have, a sandbox of it. */
class AffinityTest {
  private final AtomicReference<BackendName> choice = new AtomicReference<>(VIRTLET);
  private final Node node = Node.withPolicy(pod -> Optional.of(choice.get()));
  private final PodSandboxConfig.Builder pod = Pods.plain("a");

  private void policyChangesItsMind() {
    choice.set(CONTAINERD);
  }

  private void assertStays() {
    assertThat(node.run(Pods.again(pod))).as("the next sandbox").startsWith("virt__");
    assertThat(node.containerd.pods()).isEmpty();
  }

  private void assertIsPlacedAnew() {
    assertThat(node.run(Pods.again(pod))).as("the next sandbox").doesNotContain("__");
    assertThat(node.containerd.pods()).hasSize(1);
  }

  @Test
  void aPodWithASandboxStaysWhateverThePolicySaysNow() {
    node.run(pod);

    policyChangesItsMind();

    assertStays();
  }

  @Test
  void otherPodsFollowThePolicy() {
    node.run(pod);

    policyChangesItsMind();
    node.run(Pods.plain("b"));

    assertThat(node.containerd.pods()).hasSize(1);
  }

  @Test
  void aPodWhoseCreationGotNoAnswerStays() {
    node.virtlet.loseNextAnswer("RunPodSandbox");
    assertFails(() -> node.run(pod), Code.UNAVAILABLE, "virtlet.cloud");

    policyChangesItsMind();

    assertStays();
  }

  @ParameterizedTest
  @EnumSource(
      value = RpcStatus.Code.class,
      names = {"DEADLINE_EXCEEDED", "CANCELLED", "UNAVAILABLE"})
  void aPodWhoseCreationWasCutShortStays(RpcStatus.Code code) {
    node.virtlet.failNext("RunPodSandbox", code, "the CNI plugin takes long");
    assertFails(() -> node.run(pod), Code.valueOf(code.name()));

    policyChangesItsMind();

    assertStays();
  }

  @Test
  void aPodWhoseCreationTheClientGaveUpStays() {
    node.virtlet.hang("RunPodSandbox");
    RawCall call =
        RawCall.start(
            node.router,
            "RunPodSandbox",
            RunPodSandboxRequest.newBuilder().setConfig(pod).build().toByteString());
    call.cancel();
    node.virtlet.resume();

    policyChangesItsMind();

    assertStays();
  }

  @Test
  void aPodThatWasRefusedIsPlacedAnew() {
    node.virtlet.failNext("RunPodSandbox", RpcStatus.Code.UNKNOWN, "no kernel");
    assertFails(() -> node.run(pod), Code.UNKNOWN, "no kernel");

    policyChangesItsMind();

    assertIsPlacedAnew();
  }

  @Test
  void aPodForARuntimeThatWasNeverThereIsPlacedAnew() {
    Node late = Node.builder().policy(any -> Optional.of(choice.get())).virtletIsLate().build();
    assertFails(() -> late.run(pod), Code.UNAVAILABLE, "virtlet.cloud");

    policyChangesItsMind();
    late.run(pod);

    assertThat(late.containerd.pods()).hasSize(1);
  }

  @Test
  void aPodIsFreeOnceItsSandboxIsRemoved() {
    String sandbox = node.run(pod);

    policyChangesItsMind();
    node.remove(sandbox);

    assertIsPlacedAnew();
  }

  @Test
  void aRemovalThatFailsFreesNothing() {
    String sandbox = node.run(pod);
    node.virtlet.failNext("RemovePodSandbox", RpcStatus.Code.UNKNOWN, "device busy");
    assertFails(() -> node.remove(sandbox), Code.UNKNOWN, "device busy");

    policyChangesItsMind();

    assertStays();
  }

  @Test
  void theRemovalOfAnOlderSandboxFreesNothing() {
    String first = node.run(pod);
    pod.getMetadataBuilder().setAttempt(1);
    node.run(pod);

    policyChangesItsMind();
    node.remove(first);

    assertStays();
  }

  @Test
  void podsWithoutUidAreNotTakenForOneAnother() {
    pod.getMetadataBuilder().clearUid();
    node.run(pod);

    policyChangesItsMind();

    assertIsPlacedAnew();
  }
}
