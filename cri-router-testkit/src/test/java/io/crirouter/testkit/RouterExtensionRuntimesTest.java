package io.crirouter.testkit;

import static io.crirouter.testkit.GrpcAssertions.assertFails;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.crirouter.core.BackendOptions;
import io.crirouter.core.CriRequest;
import io.crirouter.core.CriRouter;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.core.RuntimeCall;
import io.crirouter.proto.v1.ListPodSandboxRequest;
import io.crirouter.proto.v1.PodSandboxStatusRequest;
import io.crirouter.proto.v1.RunPodSandboxRequest;
import io.grpc.Status.Code;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Custom runtimes, parameters, the timeline and throttled responses. */
class RouterExtensionRuntimesTest {
  private static final FakeRuntime SHARED = FakeRuntime.create("shared.io");
  private static int opened;
  private static int closed;

  @RegisterExtension
  final RouterExtension router =
      RouterExtension.builder()
          .primary("containerd", CustomRuntime::new)
          .secondary("shared.io", SHARED)
          .secondary("slow.io")
          .throttled("slow.io", 1, Duration.ZERO)
          .options("slow.io", BackendOptions.DEFAULT.withIdPrefix("late"))
          .build();

  /** A backend that is not a {@link TestRuntime}. */
  private static final class CustomRuntime implements RuntimeBackend, AutoCloseable {
    private final FakeRuntime runtime = FakeRuntime.create("own");

    CustomRuntime() {
      opened++;
    }

    @Override
    public RuntimeCall start(CriRequest request, ResponseListener listener) {
      return runtime.start(request, listener);
    }

    @Override
    public void close() {
      closed++;
    }
  }

  @CanIgnoreReturnValue
  private static String run(CriClient client, String pod, String runtime) {
    return client
        .runtime()
        .runPodSandbox(
            RunPodSandboxRequest.newBuilder()
                .setConfig(
                    Requests.podConfig(pod).toBuilder()
                        .putAnnotations("kubernetes.io/target-runtime", runtime))
                .build())
        .getPodSandboxId();
  }

  @Test
  void aCustomRuntimeHasAJournalAndFaults(
      CriClient client, @RuntimeName("containerd") TestRuntime own) {
    own.dispatch(
        CallMatcher.rpc("RunPodSandbox").forPod("x"),
        Reaction.fail(RpcStatus.Code.INTERNAL, "no x"));

    assertFails(() -> run(client, "x", "containerd"), Code.INTERNAL, "no x");
    assertThat(run(client, "web", "containerd")).isNotEmpty();
    own.journal().verify(2, CallMatcher.rpc("RunPodSandbox"));
    assertThat(router.testRuntime("containerd")).isSameAs(own);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> router.runtime("containerd"))
        .withMessageContaining("containerd is not a FakeRuntime");
    assertThat(opened - closed).as("open runtimes of all tests").isEqualTo(1);
  }

  @Test
  void aCustomRuntimeCanBeRestarted(CriClient client) {
    String pod = run(client, "web", "containerd");
    router.stop("containerd");
    router.awaitLost("containerd");
    router.start("containerd");
    router.awaitReady("containerd");

    assertThat(
            client
                .runtime()
                .podSandboxStatus(PodSandboxStatusRequest.newBuilder().setPodSandboxId(pod).build())
                .hasStatus())
        .isTrue();
  }

  @Test
  void aSharedRuntimeIsUsedUnwrapped(
      CriClient client,
      CriRouter core,
      @RuntimeName("shared.io") FakeRuntime shared,
      @RuntimeName("shared.io") CallJournal journal) {
    run(client, "in-" + SHARED.pods().size(), "shared.io");

    assertThat(shared).isSameAs(SHARED);
    assertThat(journal).isSameAs(SHARED.journal());
    assertThat(SHARED.pods()).isNotEmpty();
    assertThat(core).isSameAs(router.router());
    assertThat(core.backends()).hasSize(3);
  }

  @Test
  void theTimelineHasTheCallsOfRouterAndRuntimesInOrder(CriClient client, CallJournal timeline) {
    String pod = run(client, "web", "slow.io");

    assertThat(pod).startsWith("late__");
    assertThat(timeline.calls(CallMatcher.rpc("RunPodSandbox")))
        .extracting(RecordedCall::place)
        .containsExactly("client", "slow.io");
    assertThat(timeline.timeline())
        .containsPattern("(?s)client +RunPodSandbox web -> OK.*slow.io +RunPodSandbox web -> OK");
    assertThat(timeline).isSameAs(router.timeline());
  }

  @Test
  void throttledResponsesAreCompleteAndThrottlingCanChange(CriClient client) {
    run(client, "web", "slow.io");
    assertThat(
            client
                .runtime()
                .listPodSandbox(ListPodSandboxRequest.getDefaultInstance())
                .getItemsList())
        .anyMatch(pod -> pod.getId().startsWith("late__"));

    router.throttle("slow.io", 1, Duration.ofDays(1));
    assertFails(
        () ->
            client
                .withDeadline(Duration.ofMillis(200))
                .runtime()
                .podSandboxStatus(
                    PodSandboxStatusRequest.newBuilder().setPodSandboxId("late__x").build()),
        Code.DEADLINE_EXCEEDED);
    router.stop("slow.io");
    assertThatIllegalStateException()
        .isThrownBy(() -> router.throttle("slow.io", 1, Duration.ZERO))
        .withMessageContaining("slow.io is stopped");
    assertThatIllegalStateException()
        .isThrownBy(() -> router.throttle("containerd", 1, Duration.ZERO))
        .withMessageContaining("throttled(\"containerd\"");
  }

  @Test
  void namesAreCheckedByTheBuilder() {
    RouterExtensionBuilder builder = RouterExtension.builder().primary("a");
    assertThatIllegalArgumentException().isThrownBy(() -> builder.secondary("a"));
    assertThatIllegalStateException().isThrownBy(() -> builder.primary("b"));
    assertThatIllegalStateException().isThrownBy(() -> RouterExtension.builder().secondary("b"));
    assertThatIllegalStateException()
        .isThrownBy(() -> builder.options("c", BackendOptions.DEFAULT).build())
        .withMessageContaining("c");
  }
}
