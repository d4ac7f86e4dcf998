package org.example.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.crirouter.proto.v1.PodSandboxConfig;
import io.crirouter.proto.v1.PodSandboxMetadata;
import io.crirouter.proto.v1.RunPodSandboxRequest;
import io.crirouter.testkit.RouterExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class BatchJobsTest {
  @RegisterExtension
  final RouterExtension router =
      RouterExtension.builder()
          .primary("containerd")
          .secondary("vm.example")
          .policy(new BatchJobs())
          .build();

  @Test
  void batchPodsGoToTheVms() {
    run("job", "batch");
    run("shop", "front");
    assertEquals(1, router.runtime("vm.example").pods().size());
    assertEquals(1, router.runtime("containerd").pods().size());
  }

  private void run(String name, String tier) {
    PodSandboxConfig pod =
        PodSandboxConfig.newBuilder()
            .setMetadata(PodSandboxMetadata.newBuilder().setName(name).setUid(name))
            .putLabels("tier", tier)
            .build();
    router
        .client()
        .runtime()
        .runPodSandbox(RunPodSandboxRequest.newBuilder().setConfig(pod).build());
  }
}
