package io.crirouter.testkit.router;

import static io.crirouter.testkit.router.FailureAssertions.assertFails;
import static io.crirouter.testkit.router.Node.CONTAINERD;
import static io.crirouter.testkit.router.Node.VIRTLET;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.crirouter.core.BackendName;
import io.crirouter.core.BackendState;
import io.crirouter.core.IdStrategy;
import io.crirouter.core.RpcException;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.StateStore;
import io.crirouter.proto.v1.ListContainersRequest;
import io.crirouter.proto.v1.ListImagesRequest;
import io.crirouter.proto.v1.ListPodSandboxRequest;
import io.crirouter.proto.v1.PodSandboxFilter;
import io.crirouter.proto.v1.RunPodSandboxRequest;
import io.crirouter.proto.v1.StatusRequest;
import io.crirouter.proto.v1.StopPodSandboxRequest;
import io.grpc.Status;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Removal of a runtime from a running router: only without pods, or by force. */
class BackendRemovalTest {
  private final Node node = Node.create();

  static RpcStatus refusal(CompletionStage<Void> removal) throws Exception {
    try {
      removal.toCompletableFuture().getNow(null);
    } catch (CompletionException e) {
      return ((RpcException) e.getCause()).status();
    }
    throw new AssertionError(
        removal.toCompletableFuture().isDone() ? "it was removed" : "there is no answer yet");
  }

  static void assertRemoved(CompletionStage<Void> removal)
      throws ExecutionException, InterruptedException {
    assertThat(removal.toCompletableFuture()).isDone();
    removal.toCompletableFuture().get();
  }

  private RawCall startPod(String name) {
    return RawCall.start(
        node.router,
        "RunPodSandbox",
        RunPodSandboxRequest.newBuilder().setConfig(Pods.on(VIRTLET, name)).build().toByteString());
  }

  @Test
  void removalOfARuntimeWithPodsIsRefusedAndChangesNothing() throws Exception {
    String pod = node.runOnVirtlet("a");
    node.runOnVirtlet("b");

    RpcStatus refusal = refusal(node.router.remove(VIRTLET));

    assertThat(refusal.code()).isEqualTo(Code.FAILED_PRECONDITION);
    assertThat(refusal.message()).contains("virtlet.cloud", "2 pod sandboxes", pod, "by force");
    assertThat(node.podStatus(pod).getId()).isEqualTo(pod);
    assertThat(node.runOnVirtlet("c")).startsWith("virt__");
  }

  @Test
  void aRuntimeWithoutPodsIsRemovedCompletely() throws Exception {
    String pod = node.runOnVirtlet("a");
    node.remove(pod);

    assertRemoved(node.router.remove(VIRTLET));
    node.virtlet.journal().clear();

    assertThat(node.router.backends()).extracting(BackendState::name).containsExactly(CONTAINERD);
    assertThat(
            node.client
                .runtime()
                .status(StatusRequest.getDefaultInstance())
                .getStatus()
                .getConditionsList())
        .noneMatch(condition -> condition.getType().contains("virtlet"));
    assertThat(
            node.client.images().listImages(ListImagesRequest.getDefaultInstance()).getImagesList())
        .allSatisfy(image -> assertThat(image.getRepoTagsList()).asString().doesNotContain("virt"));
    assertFails(
        () -> node.runOnVirtlet("b"), Status.Code.FAILED_PRECONDITION, "virtlet.cloud", "not conf");
    node.clock.advance(Duration.ofMinutes(5));
    assertThat(node.virtlet.journal().calls()).as("calls to the removed one").isEmpty();
  }

  @Test
  void idsOfARemovedRuntimeAreRefusedAndNotSentToThePrimary() throws Exception {
    String pod = node.runOnVirtlet("a");
    String container = node.start(pod, "main");

    assertRemoved(node.router.removeByForce(VIRTLET));
    node.containerd.journal().clear();

    String[] words = {"virtlet.cloud", "was removed"};
    assertFails(() -> node.podStatus(pod), Status.Code.UNAVAILABLE, words);
    assertFails(() -> node.containerStatus(container), Status.Code.UNAVAILABLE, words);
    assertFails(() -> node.remove(pod), Status.Code.UNAVAILABLE, words);
    assertFails(
        () ->
            node.client
                .runtime()
                .listPodSandbox(
                    ListPodSandboxRequest.newBuilder()
                        .setFilter(PodSandboxFilter.newBuilder().setId(pod))
                        .build()),
        Status.Code.UNAVAILABLE,
        words);
    assertThat(node.containerd.journal().calls()).isEmpty();
    assertThat(node.pods()).isEmpty();
    assertThat(
            node.client
                .runtime()
                .listContainers(ListContainersRequest.getDefaultInstance())
                .getContainersList())
        .isEmpty();
  }

  @Test
  void nativeIdsOfARemovedRuntimeAreRefusedToo() throws Exception {
    Node natives = Node.builder().configure(builder -> builder.ids(IdStrategy.nativeIds())).build();
    String pod = natives.runOnVirtlet("a");

    assertRemoved(natives.router.removeByForce(VIRTLET));
    natives.containerd.journal().clear();

    assertFails(
        () -> natives.podStatus(pod), Status.Code.UNAVAILABLE, "virtlet.cloud", "was removed");
    assertThat(natives.containerd.journal().calls()).isEmpty();
  }

  @Test
  void newPodsAreRefusedOnlyDuringTheCheckForPods() throws Exception {
    node.runOnVirtlet("a");
    node.virtlet.delay("ListPodSandbox", Duration.ofSeconds(1));

    CompletionStage<Void> removal = node.router.remove(VIRTLET);

    assertFails(
        () -> node.runOnVirtlet("b"), Status.Code.UNAVAILABLE, "virtlet.cloud", "to be removed");
    assertThat(refusal(node.router.remove(VIRTLET)).message()).contains("just being asked");
    node.clock.advance(Duration.ofSeconds(1));
    assertThat(refusal(removal).message()).contains("1 pod sandboxes");
    assertThat(node.runOnVirtlet("b")).startsWith("virt__");
  }

  @Test
  void podsThatAreBeingCreatedCount() throws Exception {
    node.virtlet.hang("RunPodSandbox");
    RawCall creation = startPod("a");

    assertThat(refusal(node.router.remove(VIRTLET)).message()).contains("1 that are being created");

    node.virtlet.resume();
    creation.answer();
    assertThat(refusal(node.router.remove(VIRTLET)).message()).contains("1 pod sandboxes");
  }

  @Test
  void podsThatMayHaveBeenCreatedCount() throws Exception {
    node.virtlet.failNext("RunPodSandbox", Code.DEADLINE_EXCEEDED, "no answer from the shim");
    assertThat(startPod("a").status().isOk()).isFalse();

    assertThat(refusal(node.router.remove(VIRTLET)).message()).contains("1 that may have been");
  }

  @Test
  void aCreationThatFailedDoesNotCount() throws Exception {
    node.virtlet.failNext("RunPodSandbox", Code.RESOURCE_EXHAUSTED, "no address");
    assertThat(startPod("a").status().isOk()).isFalse();

    assertRemoved(node.router.remove(VIRTLET));
  }

  @Test
  void aRuntimeThatDoesNotAnswerIsNotRemoved() throws Exception {
    node.virtlet.hang("ListPodSandbox");

    CompletionStage<Void> removal = node.router.remove(VIRTLET);
    node.clock.advance(Duration.ofSeconds(5));

    assertThat(refusal(removal).message()).contains("virtlet.cloud", "does not say", "by force");
  }

  @Test
  void theLastKnownPodsOfALostRuntimeCount() throws Exception {
    String pod = node.runOnVirtlet("a");
    node.virtlet.down();

    assertThat(refusal(node.router.remove(VIRTLET)).message()).contains(pod);

    node.virtlet.up();
    node.remove(pod);
    node.virtlet.down();
    assertRemoved(node.router.remove(VIRTLET));
  }

  @Test
  void aRuntimeThatWasNeverSeenCanBeRemoved() throws Exception {
    Node late = Node.builder().virtletStartsLate().build();

    assertRemoved(late.router.remove(VIRTLET));
    late.virtlet.up();

    assertThat(late.router.backends()).hasSize(1);
  }

  @Test
  void thePrimaryAndUnknownNamesCannotBeRemoved() throws Exception {
    assertThat(refusal(node.router.removeByForce(CONTAINERD)).code())
        .isEqualTo(Code.FAILED_PRECONDITION);
    assertThat(refusal(node.router.remove(CONTAINERD)).message()).contains("primary");
    assertThat(refusal(node.router.remove(BackendName.of("kata"))).code())
        .isEqualTo(Code.NOT_FOUND);
    assertRemoved(node.router.remove(VIRTLET));
    assertThat(refusal(node.router.remove(VIRTLET)).message())
        .contains("virtlet.cloud", "configured: containerd");
  }

  @Test
  void openCallsFinishAfterAForcedRemoval() throws Exception {
    String pod = node.runOnVirtlet("a");
    node.virtlet.hang("StopPodSandbox");
    RawCall stop =
        RawCall.start(
            node.router,
            "StopPodSandbox",
            StopPodSandboxRequest.newBuilder().setPodSandboxId(pod).build().toByteString());

    assertRemoved(node.router.removeByForce(VIRTLET));
    assertThat(stop.isClosed()).isFalse();
    node.virtlet.resume();

    stop.answer();
  }

  @Test
  void aPodCreatedDuringAForcedRemovalIsPlacedByThePolicyNextTime() throws Exception {
    node.virtlet.hang("RunPodSandbox");
    RawCall creation = startPod("a");
    assertRemoved(node.router.removeByForce(VIRTLET));
    node.virtlet.resume();
    creation.answer();

    assertThat(node.run(Pods.plain("a"))).as("the same uid").doesNotContain("__");
  }

  @Test
  void podsOfARemovedRuntimeArePlacedByThePolicy() throws Exception {
    node.runOnVirtlet("a");

    assertRemoved(node.router.removeByForce(VIRTLET));

    assertThat(node.run(Pods.plain("a"))).as("the same uid").doesNotContain("__");
  }

  @Test
  void theStateKeepsOnlyThePrefixOfARemovedRuntime() throws Exception {
    AtomicReference<ByteString> saved = new AtomicReference<>(ByteString.EMPTY);
    StateStore store =
        new StateStore() {
          @Override
          public Optional<ByteString> load() {
            return Optional.empty();
          }

          @Override
          public void save(ByteString state, Runnable whenSaved) {
            saved.set(state);
            whenSaved.run();
          }
        };
    Node stored = Node.builder().configure(builder -> builder.stateStore(store)).build();
    stored.runOnVirtlet("a");
    stored.clock.advance(Duration.ofSeconds(1));
    assertThat(saved.get().toStringUtf8()).contains("virtlet.cloud", "a-uid");

    assertRemoved(stored.router.removeByForce(VIRTLET));
    stored.clock.advance(Duration.ofSeconds(1));

    assertThat(saved.get().toStringUtf8()).doesNotContain("a-uid").contains("\u0004virt\u0012");
  }

  @Test
  void aForcedRemovalIsReportedAsDeletionEventsAndEndsTheSubscription() throws Exception {
    try (EventNode watched = EventNode.start()) {
      String pod = watched.runPod(watched.virtlet(), "web");
      watched.run(watched.virtlet(), pod, "main");
      String other = watched.runPod(watched.primary(), "other");
      var events = watched.listen();
      watched.advance(Duration.ofSeconds(1));
      assertThat(watched.received(events)).isEmpty();

      assertRemoved(watched.router().removeByForce(VIRTLET));

      assertThat(watched.received(events)).containsExactly("main DELETED", "web DELETED");
      assertThat(watched.virtlet().journal().callsOf("GetContainerEvents"))
          .allSatisfy(call -> assertThat(call.awaitStatus().code()).isEqualTo(Code.CANCELLED));
      watched.run(watched.virtlet(), pod, "withoutEvents");
      watched.advance(Duration.ofMinutes(3));
      watched.run(watched.primary(), other, "heard");
      assertThat(watched.received(events)).containsExactly("heard CREATED", "heard STARTED");
    }
  }
}
