package org.example.junit5;

// snippet: first
import static io.crirouter.testkit.assertj.CriAssertions.assertThatFailureOf;
import static io.crirouter.testkit.assertj.CriAssertions.assertThatPods;

import io.crirouter.core.RpcStatus;
import io.crirouter.proto.v1.PodSandboxConfig;
import io.crirouter.proto.v1.PodSandboxMetadata;
import io.crirouter.proto.v1.RunPodSandboxRequest;
import io.crirouter.testkit.CriClient;
import io.crirouter.testkit.FakeRuntime;
import io.crirouter.testkit.RouterExtension;
import io.crirouter.testkit.RuntimeName;
import io.grpc.Status.Code;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class FirstTest {
  @RegisterExtension
  final RouterExtension router =
      RouterExtension.builder().primary("containerd").secondary("vm.example").build();

  @Test
  void aMarkedPodRunsOnTheOtherRuntime(
      CriClient client, @RuntimeName("vm.example") FakeRuntime vm) {
    run(client, "web", "vm.example");

    assertThatPods(vm.pods()).areNamed("web").areReady();
  }

  @Test
  void anErrorOfTheRuntimePassesUnchanged(
      CriClient client, @RuntimeName("vm.example") FakeRuntime vm) {
    vm.failNext("RunPodSandbox", RpcStatus.Code.INTERNAL, "disk full");

    assertThatFailureOf(() -> run(client, "web", "vm.example"))
        .hasCode(Code.INTERNAL)
        .hasDescriptionContaining("disk full");
  }

  static void run(CriClient client, String name, String runtime) {
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
// end
