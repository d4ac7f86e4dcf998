package io.crirouter.testkit.docs;

import static io.crirouter.testkit.assertj.CriAssertions.assertThat;
import static io.crirouter.testkit.assertj.CriAssertions.assertThatFailureOf;
import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.core.CriRequest;
import io.crirouter.core.CriRouter;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.Rpc;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.core.RuntimeCall;
import io.crirouter.core.TypedBackend;
import io.crirouter.proto.v1.ListContainersResponse;
import io.crirouter.proto.v1.ListPodSandboxResponse;
import io.crirouter.proto.v1.PodSandboxConfig;
import io.crirouter.proto.v1.PodSandboxMetadata;
import io.crirouter.proto.v1.RunPodSandboxRequest;
import io.crirouter.proto.v1.RunPodSandboxResponse;
import io.crirouter.proto.v1.VersionResponse;
import io.crirouter.testkit.CallJournal;
import io.crirouter.testkit.CallMatcher;
import io.crirouter.testkit.CriClient;
import io.crirouter.testkit.FakeRuntime;
import io.crirouter.testkit.Reaction;
import io.crirouter.testkit.RecordedCall;
import io.crirouter.testkit.RouterExtension;
import io.crirouter.testkit.RuntimeName;
import io.crirouter.testkit.TestRuntime;
import io.grpc.Status.Code;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Snippets of docs/testing.md. */
class RuntimesTest {
  /** A custom runtime. */
  private static final class VmRuntime implements RuntimeBackend {
    private final RuntimeBackend typed =
        TypedBackend.builder()
            .direct()
            .unary(
                Rpc.VERSION,
                request ->
                    VersionResponse.newBuilder()
                        .setVersion("0.1.0")
                        .setRuntimeName("vm")
                        .setRuntimeVersion("1.0")
                        .setRuntimeApiVersion("v1")
                        .build())
            .unary(Rpc.LIST_POD_SANDBOX, request -> ListPodSandboxResponse.getDefaultInstance())
            .unary(Rpc.LIST_CONTAINERS, request -> ListContainersResponse.getDefaultInstance())
            .unary(
                Rpc.RUN_POD_SANDBOX,
                request -> RunPodSandboxResponse.newBuilder().setPodSandboxId("one").build())
            .build();

    @Override
    public RuntimeCall start(CriRequest request, ResponseListener listener) {
      return typed.start(request, listener);
    }
  }

  // snippet: own
  @RegisterExtension
  final RouterExtension router =
      RouterExtension.builder()
          .primary("containerd", runtime -> runtime.images("busybox"))
          .secondary("vm.example", VmRuntime::new) // one for each test
          .secondary("late.example")
          .absent("late.example") // until router.start("late.example")
          .throttled("late.example", 1, Duration.ZERO) // answers byte by byte
          .build();

  @Test
  void podsReachTheCustomRuntime(
      CriClient client, CriRouter core, @RuntimeName("vm.example") TestRuntime vm) {
    run(client, "web", "vm.example");

    assertThat(vm.journal()).received(1, CallMatcher.rpc("RunPodSandbox").forPod("web"));
    assertThat(core.backends()).hasSize(3);
  }

  // end

  @Test
  void aRuntimeIsStartedLater(CriClient client) {
    // snippet: late
    router.start("late.example");
    router.awaitReady("late.example");
    run(client, "web", "late.example");
    router.stop("late.example");
    router.awaitLost("late.example");
    // end
    assertThat(router.runtime("late.example").pods()).hasSize(1);
  }

  @Test
  void journals(CriClient client, @RuntimeName("vm.example") TestRuntime vm, CallJournal all) {
    run(client, "web", "vm.example");
    // snippet: journal
    RecordedCall call = vm.journal().takeCall("RunPodSandbox", Duration.ofSeconds(1));
    assertThat(call.request(RunPodSandboxRequest.class).getConfig().getMetadata().getName())
        .isEqualTo("web");
    assertThat(call.awaitStatus()).isOk();

    vm.journal().verify(1, CallMatcher.rpc("RunPodSandbox").endedWith(RpcStatus.Code.OK));
    assertThat(vm.journal()).receivedInOrder("Version", "ListPodSandbox", "RunPodSandbox");
    all.verify(1, CallMatcher.rpc("RunPodSandbox").at("client"));
    // end
  }

  @Test
  void faults(CriClient client, @RuntimeName("containerd") FakeRuntime runtime) {
    // snippet: dispatch
    runtime.dispatch(
        CallMatcher.rpc("RunPodSandbox").forPod("x"),
        Reaction.fail(RpcStatus.Code.INTERNAL, "no x here"));
    runtime.dispatch(
        call ->
            call.timeoutNanos() < Duration.ofMillis(1).toNanos()
                ? Optional.of(Reaction.loseAnswer())
                : Optional.empty());
    // end
    assertThatFailureOf(() -> run(client, "x", "containerd")).hasCode(Code.INTERNAL);
    run(client, "web", "containerd");
    assertThat(runtime.pods()).hasSize(1);
  }

  private static void run(CriClient client, String name, String runtime) {
    PodSandboxConfig pod =
        PodSandboxConfig.newBuilder()
            .setMetadata(
                PodSandboxMetadata.newBuilder()
                    .setName(name)
                    .setNamespace("default")
                    .setUid(name + "-uid"))
            .putAnnotations("kubernetes.io/target-runtime", runtime)
            .build();
    client.runtime().runPodSandbox(RunPodSandboxRequest.newBuilder().setConfig(pod).build());
  }
}
