package io.crirouter.testkit.router;

import static io.crirouter.testkit.router.BackendRemovalTest.assertRemoved;
import static io.crirouter.testkit.router.BackendRemovalTest.refusal;
import static io.crirouter.testkit.router.Node.CONTAINERD;
import static io.crirouter.testkit.router.Node.VIRTLET;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.crirouter.core.BackendName;
import io.crirouter.core.BackendOptions;
import io.crirouter.core.BackendState;
import io.crirouter.core.CriRouter;
import io.crirouter.core.IdStrategy;
import io.crirouter.proto.v1.RunPodSandboxRequest;
import io.crirouter.testkit.CriClient;
import io.crirouter.testkit.FakeRuntime;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Addition of a runtime to a running router. */
class BackendAdditionTest {
  private final Node node = Node.create();

  @Test
  void aRemovedRuntimeCanBeAddedAgainWithItsPods() throws Exception {
    String pod = node.runOnVirtlet("a");
    assertRemoved(node.router.removeByForce(VIRTLET));

    node.router.add(VIRTLET, node.virtlet, BackendOptions.DEFAULT);

    assertThat(node.pods()).containsExactly(pod);
    assertThat(node.podStatus(pod).getId()).isEqualTo(pod);
    assertThat(node.runOnVirtlet("b")).startsWith("virt__");
    node.virtlet.down();
    assertThat(node.pods()).as("it is watched again").hasSize(2);
    assertThat(refusal(node.router.remove(VIRTLET)).message()).contains("2 pod sandboxes");
  }

  @Test
  void nativeIdsOfARuntimeThatWasAddedAgainReachIt() throws Exception {
    Node natives = Node.builder().configure(builder -> builder.ids(IdStrategy.nativeIds())).build();
    String pod = natives.runOnVirtlet("a");
    assertRemoved(natives.router.removeByForce(VIRTLET));

    natives.router.add(VIRTLET, natives.virtlet, BackendOptions.DEFAULT);

    assertThat(natives.podStatus(pod).getId()).isEqualTo(pod);
  }

  @Test
  void anAddedRuntimeIsUsedLikeOthers() throws Exception {
    List<BackendState> received = new ArrayList<>();
    Node listening = Node.builder().configure(builder -> builder.listener(received::add)).build();
    BackendName kata = BackendName.of("kata");
    FakeRuntime runtime =
        FakeRuntime.named("kata").scheduler(listening.clock).images("busybox").build();
    String direct;
    try (CriClient client = CriClient.of(runtime)) {
      direct =
          client
              .runtime()
              .runPodSandbox(RunPodSandboxRequest.newBuilder().setConfig(Pods.plain("old")).build())
              .getPodSandboxId();
    }
    received.clear();

    listening.router.add(kata, runtime, BackendOptions.DEFAULT);

    assertThat(received).extracting(BackendState::name).containsExactly(kata);
    assertThat(listening.pods()).containsExactly("kata__" + direct);
    assertThat(listening.run(Pods.on(kata, "new"))).startsWith("kata__");
    assertThat(listening.run(Pods.nextSandboxOf(Pods.plain("old"))))
        .as("its pods stay")
        .startsWith("kata__");
  }

  @Test
  void anAddedRuntimeReportsItsPodsAndEvents() {
    try (EventNode watched = EventNode.start()) {
      var events = watched.listen();
      FakeRuntime kata = FakeRuntime.named("kata").scheduler(watched.time()).build();
      watched.runPod(kata, "old");
      watched.received(events);

      watched.router().add(BackendName.of("kata"), kata, BackendOptions.DEFAULT);
      watched.runPod(kata, "new");

      assertThat(EventNode.arrived(events))
          .allSatisfy(event -> assertThat(event.getContainerId()).startsWith("kata__"))
          .extracting(event -> event.getPodSandboxStatus().getMetadata().getName())
          .startsWith("old")
          .endsWith("new");
    }
  }

  @Test
  void aUsedOrReservedNameOrPrefixIsRefused() throws Exception {
    BackendName other = BackendName.of("virtuozzo");

    assertThatIllegalArgumentException()
        .isThrownBy(() -> node.router.add(VIRTLET, node.virtlet, BackendOptions.DEFAULT))
        .withMessageContaining("virtlet.cloud");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> node.router.add(other, FakeRuntime.create("other"), BackendOptions.DEFAULT))
        .withMessageContaining("virt__");
    assertRemoved(node.router.remove(VIRTLET));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> node.router.add(other, node.virtlet, BackendOptions.DEFAULT))
        .withMessageContainingAll("virt__", "was removed");
    node.router.add(other, node.virtlet, BackendOptions.DEFAULT.withIdPrefix("vz"));
    assertThat(node.run(Pods.on(other, "a"))).startsWith("vz__");
  }

  @Test
  void oneBackendUnderTwoNamesIsRefused() {
    BackendOptions options = BackendOptions.DEFAULT.withIdPrefix("kata");

    assertThatIllegalArgumentException()
        .isThrownBy(() -> node.router.add(BackendName.of("kata"), node.virtlet, options))
        .withMessageContainingAll("kata", "virtlet.cloud", "one RuntimeBackend");
    CriRouter.Builder builder = CriRouter.builder().primary(CONTAINERD, node.containerd);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.secondary(BackendName.of("kata"), node.containerd, options))
        .withMessageContainingAll("kata", "containerd", "one RuntimeBackend");
  }
}
