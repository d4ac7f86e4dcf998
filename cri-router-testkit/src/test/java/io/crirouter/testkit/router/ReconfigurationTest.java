package io.crirouter.testkit.router;

import static io.crirouter.testkit.router.FailureAssertions.assertFails;
import static io.crirouter.testkit.router.Node.CONTAINERD;
import static io.crirouter.testkit.router.Node.VIRTLET;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.tuple;

import io.crirouter.core.BackendName;
import io.crirouter.core.BackendOptions;
import io.crirouter.core.BackendState;
import io.crirouter.core.IdStrategy;
import io.crirouter.core.ImageStrategy;
import io.crirouter.core.ImageView;
import io.crirouter.core.PodView;
import io.crirouter.core.RoutingPolicy;
import io.crirouter.proto.v1.ContainerEventResponse;
import io.crirouter.proto.v1.RunPodSandboxRequest;
import io.crirouter.proto.v1.VersionRequest;
import io.crirouter.testkit.CriClient;
import io.crirouter.testkit.ResponseStream;
import io.grpc.Status;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** Changes of policy, backends and options of a running router. */
class ReconfigurationTest {
  private static final BackendName UNKNOWN_RUNTIME = BackendName.of("nobody");

  private final Node node = Node.create();

  @Test
  void aNewPolicyAppliesToNewPodsOnly() {
    String before = node.runOnContainerd("a");

    node.router.usePolicy(RoutingPolicy.always(VIRTLET));

    assertThat(node.runOnContainerd("b")).startsWith("virt__");
    assertThat(node.podStatus(before).getId()).isEqualTo(before);
    assertThat(node.run(Pods.nextSandboxOf(Pods.plain("a")))).as("same pod").doesNotContain("__");
    assertThat(node.router.explain(PodView.builder().build())).asString().contains("always");
  }

  @Test
  void anImageCallIsDecidedByOnePolicyThoughAnotherReplacesItMeanwhile() {
    node.router.usePolicy(
        new RoutingPolicy() {
          @Override
          public Optional<BackendName> forPod(PodView pod) {
            return Optional.of(VIRTLET);
          }

          @Override
          public Optional<BackendName> forImage(ImageView image) {
            node.router.usePolicy(RoutingPolicy.always(CONTAINERD));
            return Optional.empty();
          }
        });

    String unused = new ImageCalls(node.client).pull(ImageCalls.of(Pods.plain("a"), "nginx"));

    assertThat(node.virtlet.journal().callsOf("PullImage")).hasSize(1);
    assertThat(node.containerd.journal().callsOf("PullImage")).isEmpty();
  }

  @Test
  void aPolicyForAnUnknownRuntimeIsRefusedAndTheOldOneStays() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> node.router.usePolicy(RoutingPolicy.always(UNKNOWN_RUNTIME)))
        .withMessageContainingAll("nobody", "virtlet.cloud");

    assertThat(node.runOnContainerd("a")).doesNotContain("__");
    assertThat(node.runOnVirtlet("b")).startsWith("virt__");
  }

  @Test
  void aPolicyMayTargetAnExpectedRuntime() {
    Node expecting = Node.builder().configure(builder -> builder.expect(UNKNOWN_RUNTIME)).build();

    expecting.router.usePolicy(RoutingPolicy.always(UNKNOWN_RUNTIME));

    assertFails(() -> expecting.runOnContainerd("a"), Status.Code.FAILED_PRECONDITION, "nobody");
  }

  @Test
  void aReplacedBackendKeepsItsPodsAndIsListedAgain() {
    String pod = node.runOnVirtlet("a");
    CountingConnection moved = new CountingConnection(node.virtlet);
    node.virtlet.journal().clear();

    node.router.change(VIRTLET, moved, BackendOptions.DEFAULT);

    assertThat(node.virtlet.journal().callsOf("ListPodSandbox")).hasSize(1);
    int requestedImages = moved.calls.get();
    assertThat(node.podStatus(pod).getId()).isEqualTo(pod);
    assertThat(moved.calls).hasValue(requestedImages + 1);
    assertThat(node.router.backends())
        .filteredOn(state -> state.name().equals(VIRTLET))
        .extracting(BackendState::address, BackendState::phase)
        .containsExactly(tuple("another way", BackendState.Phase.READY));
  }

  @Test
  void theBackendOfThePrimaryCanBeReplaced() {
    CountingConnection moved = new CountingConnection(node.containerd);

    node.router.change(CONTAINERD, moved, BackendOptions.DEFAULT);

    int requestedImages = moved.calls.get();
    assertThat(node.client.runtime().version(VersionRequest.getDefaultInstance()).getRuntimeName())
        .isEqualTo("containerd");
    assertThat(moved.calls).hasValue(requestedImages + 1);
  }

  @Test
  void openCallsContinueAtTheFormerBackend() throws Exception {
    node.virtlet.hang("RunPodSandbox");
    RawCall creation =
        RawCall.start(
            node.router,
            "RunPodSandbox",
            RunPodSandboxRequest.newBuilder()
                .setConfig(Pods.on(VIRTLET, "a"))
                .build()
                .toByteString());

    node.router.change(VIRTLET, new CountingConnection(node.virtlet), BackendOptions.DEFAULT);
    assertThat(creation.isClosed()).isFalse();
    node.virtlet.resume();

    assertThat(creation.status().isOk()).isTrue();
    assertThat(node.pods()).hasSize(1);
  }

  @Test
  void newOptionsApplyToTheNextCall() {
    Node handlers =
        Node.builder()
            .policy(RoutingPolicy.runtimeHandler(Map.of("vm", VIRTLET)))
            .virtlet(fake -> fake.runtimeHandler("kvm"))
            .build();

    handlers.router.change(
        VIRTLET, handlers.virtlet, BackendOptions.DEFAULT.withRuntimeHandler("vm", "kvm"));
    String pod = handlers.run(Pods.plain("a"), "vm");

    assertThat(handlers.virtlet.pods().get(0).getRuntimeHandler()).isEqualTo("kvm");
    assertThat(handlers.podStatus(pod).getRuntimeHandler()).isEqualTo("vm");
  }

  @Test
  void optionsThatDetermineIdsAndImageNamesCannotChange() {
    List<BackendOptions> refused =
        List.of(
            BackendOptions.DEFAULT.withIdPrefix("vm"),
            BackendOptions.DEFAULT.withImages(ImageStrategy.shared()));
    for (BackendOptions options : refused) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> node.router.change(VIRTLET, node.virtlet, options))
          .withMessageContainingAll("virtlet.cloud", "cannot change");
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> node.router.change(UNKNOWN_RUNTIME, node.virtlet, BackendOptions.DEFAULT))
        .withMessageContainingAll("nobody", "virtlet.cloud");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> node.router.change(VIRTLET, node.containerd, BackendOptions.DEFAULT))
        .withMessageContaining("one RuntimeBackend");
    assertThat(node.runOnVirtlet("a")).startsWith("virt__");
  }

  @Test
  void aRefreshFindsPodsCreatedOutsideOfTheRouter() {
    Node natives = Node.builder().configure(builder -> builder.ids(IdStrategy.nativeIds())).build();
    String pod =
        CriClient.of(natives.virtlet)
            .runtime()
            .runPodSandbox(RunPodSandboxRequest.newBuilder().setConfig(Pods.plain("a")).build())
            .getPodSandboxId();
    assertFails(() -> natives.podStatus(pod), Status.Code.NOT_FOUND, pod);

    CompletionStage<Void> refresh = natives.router.refresh();

    assertThat(refresh.toCompletableFuture()).isCompleted();
    assertThat(natives.podStatus(pod).getId()).isEqualTo(pod);
  }

  @Test
  void aRefreshEndsIfARuntimeDoesNotAnswer() {
    node.virtlet.hang("Version");

    CompletionStage<Void> refresh = node.router.refresh();
    assertThat(refresh.toCompletableFuture()).isNotDone();
    node.clock.advance(Duration.ofSeconds(5));

    assertThat(refresh.toCompletableFuture()).isCompleted();
  }

  @Test
  void aRefreshDuringAProbeListsOnceMore() {
    node.virtlet.hang("Version");
    CompletionStage<Void> first = node.router.refresh();
    CompletionStage<Void> second = node.router.refresh();
    node.virtlet.journal().clear();

    node.virtlet.resume();

    assertThat(first.toCompletableFuture()).isCompleted();
    assertThat(second.toCompletableFuture()).isCompleted();
    assertThat(node.virtlet.journal().callsOf("ListPodSandbox")).hasSize(2);
  }

  @Test
  void aRefreshEndsWhenTheRouterIsClosed() {
    node.virtlet.hang("Version");
    CompletionStage<Void> refresh = node.router.refresh();

    node.router.close();

    assertThat(refresh.toCompletableFuture()).isCompleted();
    assertThat(node.router.refresh().toCompletableFuture()).isCompleted();
  }

  @Test
  void eventsContinueAfterABackendIsReplaced() throws Exception {
    CountingConnection former = new CountingConnection(node.virtlet);
    CountingConnection next = new CountingConnection(node.virtlet);
    node.router.change(VIRTLET, former, BackendOptions.DEFAULT);
    try (ResponseStream<ContainerEventResponse> events = node.client.events()) {
      node.router.change(VIRTLET, next, BackendOptions.DEFAULT);
      former.endEvents();
      node.clock.advance(Duration.ofSeconds(2));

      String pod = node.runOnVirtlet("b");

      assertThat(next.events).as("subscribed anew").isNotNull();
      assertThat(events.next().getPodSandboxStatus().getId()).isEqualTo(pod);
      assertThat(node.router.backends())
          .extracting(BackendState::phase)
          .containsOnly(BackendState.Phase.READY);
    }
  }
}
