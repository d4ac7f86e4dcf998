package io.crirouter.testkit.router;

import static io.crirouter.testkit.router.FailureAssertions.assertFails;
import static io.crirouter.testkit.router.Node.VIRTLET;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.crirouter.core.BackendName;
import io.crirouter.core.BackendOptions;
import io.crirouter.proto.v1.CheckpointPodRequest;
import io.crirouter.proto.v1.Container;
import io.crirouter.proto.v1.ListContainersRequest;
import io.crirouter.proto.v1.PodSandbox;
import io.crirouter.testkit.FakeRuntime;
import io.grpc.Status.Code;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** A custom id codec of an embedder. */
class CustomIdCodecTest {
  private final Node node =
      Node.builder().configure(builder -> builder.ids(new OwnerLast())).build();

  private String nativeId(String name) {
    return node.virtlet.pods().stream()
        .filter(pod -> pod.getMetadata().getName().equals(name))
        .findFirst()
        .orElseThrow()
        .getId();
  }

  @Test
  void idsOfASecondaryAreEncodedByTheCodec() {
    String pod = node.runOnVirtlet("a");
    String container = node.start(pod, "main");

    assertThat(pod).isEqualTo(nativeId("a") + ".virt");
    assertThat(container).isEqualTo(node.virtlet.containers().get(0).getId() + ".virt");
    assertThat(node.podStatus(pod).getId()).isEqualTo(pod);
    assertThat(node.containerStatus(container).getId()).isEqualTo(container);
    node.remove(pod);
    assertThat(node.virtlet.pods()).isEmpty();
  }

  @Test
  void idsOfThePrimaryAreTheSameOnBothSides() {
    String pod = node.runOnContainerd("a");

    assertThat(node.containerd.pods().get(0).getId()).isEqualTo(pod);
    assertThat(node.podStatus(pod).getId()).isEqualTo(pod);
    assertThat(node.virtlet.journal().calls()).isEmpty();
  }

  @Test
  void listsAndFiltersUseEncodedIds() {
    String plain = node.runOnContainerd("a");
    String special = node.runOnVirtlet("b");
    String container = node.start(special, "main");

    assertThat(node.pods()).containsExactlyInAnyOrder(plain, special);
    assertThat(node.podsLike(special)).containsExactly(special);
    assertThat(node.podsLike(plain)).containsExactly(plain);
    ListContainersRequest.Builder ofPod = ListContainersRequest.newBuilder();
    ofPod.getFilterBuilder().setPodSandboxId(special);
    assertThat(node.client.runtime().listContainers(ofPod.build()).getContainersList())
        .extracting(Container::getId)
        .containsExactly(container);
  }

  @Test
  void idsOfALostRuntimeStayEncodedInLists() {
    String special = node.runOnVirtlet("a");
    node.virtlet.down();

    assertThat(node.pods()).containsExactly(special);
    assertFails(() -> node.podStatus(special), Code.UNAVAILABLE, "virtlet.cloud");
  }

  @Test
  void shortenedIdsArePrefixesOfEncodedIds() {
    String plain = node.runOnContainerd("a");
    String special = node.runOnVirtlet("b");

    assertThat(node.podStatus(special.substring(0, 13)).getId()).isEqualTo(special);
    assertThat(node.podsLike(special.substring(0, 13))).containsExactly(special);
    assertThat(node.podStatus(plain.substring(0, 13)).getId()).isEqualTo(plain);
    node.remove(special.substring(0, 13));
    assertThat(node.virtlet.pods()).isEmpty();
  }

  @Test
  void aShortIdOfTwoRuntimesIsAmbiguous() {
    AtomicInteger next = new AtomicInteger();
    Node alike =
        Node.builder()
            .containerd(fake -> fake.ids(() -> "abcdef" + next.incrementAndGet()))
            .virtlet(fake -> fake.ids(() -> "abcdef" + next.incrementAndGet()))
            .configure(builder -> builder.ids(new OwnerLast()))
            .build();
    String plain = alike.runOnContainerd("a");
    String special = alike.runOnVirtlet("b");

    assertFails(() -> alike.podStatus("abc"), Code.INVALID_ARGUMENT, "'abc'", special);
    assertThat(alike.podStatus(plain).getId()).isEqualTo(plain);
    assertThat(alike.podStatus(special).getId()).isEqualTo(special);
  }

  @Test
  void aRequestWithIdsOfTwoRuntimesIsRefused() {
    String plain = node.runOnContainerd("a");
    String special = node.runOnVirtlet("b");
    String container = node.start(special, "main");

    assertFails(
        () ->
            node.client
                .runtime()
                .checkpointPod(
                    CheckpointPodRequest.newBuilder()
                        .setPodSandboxId(plain)
                        .addContainerIds(container)
                        .setOutputPath("/a.tar")
                        .build()),
        Code.INVALID_ARGUMENT,
        container,
        "containerd");
  }

  @Test
  void idsOfAnUnconfiguredRuntimeAreNotReportedAsRemoved() {
    assertFails(() -> node.podStatus("0123456789.gone"), Code.UNAVAILABLE, "0123456789.gone");

    assertThat(node.containerd.journal().calls()).isEmpty();
  }

  @Test
  void idsOfARemovedRuntimeStayReserved() {
    String pod = node.runOnVirtlet("a");
    node.router.removeByForce(VIRTLET).toCompletableFuture().join();

    assertFails(() -> node.podStatus(pod), Code.UNAVAILABLE, "virtlet.cloud", "was removed");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                node.router.add(
                    BackendName.of("virtual.box"), FakeRuntime.create("x"), BackendOptions.DEFAULT))
        .withMessageContainingAll("virtlet.cloud", "virtual.box", "was removed");
  }

  @Test
  void idsOfAFormerRuntimeAreKnownAfterARestart() {
    SimulatedNode restarted =
        SimulatedNode.of(SimulatedNode.PRIMARY, SimulatedNode.VIRTLET)
            .withStore(new MemoryStateStore())
            .configured(builder -> builder.ids(new OwnerLast()))
            .startRouter();
    String pod = restarted.runPod("a", SimulatedNode.VIRTLET);
    restarted.router().close();

    restarted.leaveOut(SimulatedNode.VIRTLET).startRouter();

    assertThat(restarted.sandboxes()).extracting(PodSandbox::getId).containsExactly(pod);
    assertFails(
        () -> new CallsById(restarted.client()).sandboxStatus(pod),
        Code.UNAVAILABLE,
        "virtlet.cloud",
        "not configured any more");
    restarted.close();
  }
}
