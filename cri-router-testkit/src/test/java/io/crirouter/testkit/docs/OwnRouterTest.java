package io.crirouter.testkit.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.core.BackendName;
import io.crirouter.core.IdStrategy;
import io.crirouter.core.RoutingPolicy;
import io.crirouter.proto.v1.PodSandbox;
import io.crirouter.proto.v1.PodSandboxConfig;
import io.crirouter.proto.v1.PodSandboxMetadata;
import io.crirouter.proto.v1.RunPodSandboxRequest;
import io.crirouter.testkit.CriClient;
import io.crirouter.testkit.FakeRuntime;
import io.crirouter.testkit.RouterExtension;
import io.crirouter.testkit.RuntimeName;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A snippet of docs/testing.md. */
class OwnRouterTest {
  // snippet: own-router
  @RegisterExtension
  final RouterExtension router =
      RouterExtension.builder()
          .primary("containerd")
          .secondary("vm.example")
          .policy(RoutingPolicy.label("runtime", Map.of("vm", BackendName.of("vm.example"))))
          .configure(builder -> builder.ids(IdStrategy.nativeIds()))
          .build();

  @Test
  void podsAreRoutedByLabelAndKeepTheirIds(
      CriClient client, @RuntimeName("vm.example") FakeRuntime vm) {
    PodSandboxConfig pod =
        PodSandboxConfig.newBuilder()
            .setMetadata(PodSandboxMetadata.newBuilder().setName("web").setUid("web-uid"))
            .putLabels("runtime", "vm")
            .build();
    String id =
        client
            .runtime()
            .runPodSandbox(RunPodSandboxRequest.newBuilder().setConfig(pod).build())
            .getPodSandboxId();

    assertThat(vm.pods()).extracting(PodSandbox::getId).containsExactly(id);
  }
  // end
}
