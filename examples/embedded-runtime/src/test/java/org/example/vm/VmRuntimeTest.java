package org.example.vm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.crirouter.core.BackendName;
import io.crirouter.core.CriRouter;
import io.crirouter.core.RoutingPolicy;
import io.crirouter.proto.v1.ImageSpec;
import io.crirouter.proto.v1.ImageStatusRequest;
import io.crirouter.proto.v1.ListPodSandboxRequest;
import io.crirouter.proto.v1.PodSandbox;
import io.crirouter.proto.v1.PodSandboxStatusRequest;
import io.crirouter.proto.v1.RuntimeCondition;
import io.crirouter.proto.v1.StatusRequest;
import io.crirouter.testkit.CriClient;
import io.crirouter.testkit.FakeRuntime;
import io.crirouter.testkit.ManualScheduler;
import io.crirouter.testkit.kubelet.KubeletSimulator;
import io.crirouter.testkit.kubelet.PodSpec;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The runtime behind a router, on a node with containerd. */
class VmRuntimeTest {
  private final ManualScheduler time = new ManualScheduler();
  private final CriRouter router =
      CriRouter.builder()
          .scheduler(time)
          .primary(BackendName.of("containerd"), FakeRuntime.create("containerd"))
          .secondary(BackendName.of("vm.example"), new VmRuntime().backend(Runnable::run))
          .build();
  private final CriClient client = CriClient.of(router);

  @AfterEach
  void close() {
    client.close();
    router.close();
  }

  @Test
  void aKubeletRunsItsPodsForAnHourAndFindsNothingThatIsNotSo() {
    try (KubeletSimulator kubelet = KubeletSimulator.builder(router, time).start()) {
      kubelet.add(PodSpec.named("web").container("main", "busybox").build());
      kubelet.add(
          PodSpec.named("desktop")
              .annotation(RoutingPolicy.TARGET_RUNTIME_ANNOTATION, "vm.example")
              .container("main", "vm.example/disk:1")
              .build());
      time.advance(Duration.ofHours(1));

      assertTrue(kubelet.isNodeReady());
      assertEquals(KubeletSimulator.Phase.RUNNING, kubelet.phase("web"));
      assertEquals(KubeletSimulator.Phase.RUNNING, kubelet.phase("desktop"));
      assertEquals("10.1.0.2", ipOf("desktop"));

      kubelet.delete("desktop");
      time.advance(Duration.ofMinutes(2));
      assertEquals(KubeletSimulator.Phase.GONE, kubelet.phase("desktop"));
      kubelet.assertNoFindings();
    }
  }

  private String ipOf(String pod) {
    String id =
        client
            .runtime()
            .listPodSandbox(ListPodSandboxRequest.getDefaultInstance())
            .getItemsList()
            .stream()
            .filter(sandbox -> sandbox.getMetadata().getName().equals(pod))
            .map(PodSandbox::getId)
            .findFirst()
            .orElseThrow();
    return client
        .runtime()
        .podSandboxStatus(PodSandboxStatusRequest.newBuilder().setPodSandboxId(id).build())
        .getStatus()
        .getNetwork()
        .getIp();
  }

  @Test
  void theNodeSaysThatItIsReady() {
    List<String> ready =
        client
            .runtime()
            .status(StatusRequest.getDefaultInstance())
            .getStatus()
            .getConditionsList()
            .stream()
            .filter(RuntimeCondition::getStatus)
            .map(RuntimeCondition::getType)
            .toList();
    assertTrue(
        ready.containsAll(
            List.of("RuntimeReady", "vm.example/RuntimeReady", "vm.example/NetworkReady")),
        ready::toString);
  }

  @Test
  void anImageThatIsNotThereIsAnEmptyAnswer() {
    ImageSpec none = ImageSpec.newBuilder().setImage("vm.example/none").build();
    assertFalse(
        client
            .images()
            .imageStatus(ImageStatusRequest.newBuilder().setImage(none).build())
            .hasImage());
  }
}
