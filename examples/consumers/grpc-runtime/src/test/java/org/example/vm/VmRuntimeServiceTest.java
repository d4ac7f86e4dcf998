package org.example.vm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.crirouter.core.BackendName;
import io.crirouter.core.RoutingPolicy;
import io.crirouter.grpc.GrpcServiceBackend;
import io.crirouter.proto.v1.PodSandboxConfig;
import io.crirouter.proto.v1.PodSandboxMetadata;
import io.crirouter.proto.v1.RunPodSandboxRequest;
import io.crirouter.testkit.RouterExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class VmRuntimeServiceTest {
  @RegisterExtension
  final RouterExtension router =
      RouterExtension.builder()
          .primary("containerd")
          .configure(
              builder ->
                  builder.secondary(
                      BackendName.of("vm.example"),
                      GrpcServiceBackend.builder()
                          .direct()
                          .service(new VmRuntimeService())
                          .build()))
          .build();

  @Test
  void aMarkedPodRunsOnTheRuntime() {
    PodSandboxConfig pod =
        PodSandboxConfig.newBuilder()
            .setMetadata(PodSandboxMetadata.newBuilder().setName("pod").setUid("uid"))
            .putAnnotations(RoutingPolicy.TARGET_RUNTIME_ANNOTATION, "vm.example")
            .build();
    String id =
        router
            .client()
            .runtime()
            .runPodSandbox(RunPodSandboxRequest.newBuilder().setConfig(pod).build())
            .getPodSandboxId();
    assertEquals("vmex__vm-1", id);
  }
}
