package org.example.vm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.crirouter.core.RoutingPolicy;
import io.crirouter.grpc.CriServer;
import io.crirouter.proto.v1.ListPodSandboxRequest;
import io.crirouter.proto.v1.PodSandboxConfig;
import io.crirouter.proto.v1.PodSandboxMetadata;
import io.crirouter.proto.v1.RemovePodSandboxRequest;
import io.crirouter.proto.v1.RunPodSandboxRequest;
import io.crirouter.testkit.CriClient;
import io.crirouter.testkit.FakeRuntime;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VmNodeTest {
  @TempDir Path folder;

  @Test
  void runsMarkedPodsAsVmsAndOthersOnContainerd() throws Exception {
    FakeRuntime containerd = FakeRuntime.create("containerd");
    CountDownLatch stop = new CountDownLatch(1);
    try (CriServer server = containerd.serve(folder.resolve("containerd.sock"))) {
      Thread node = new Thread(() -> serve(stop));
      node.start();
      try (CriClient client = CriClient.connect(folder.resolve("node.sock"))) {
        assertEquals("vmex__vm-uid-1", run(client, pod("uid-1", "vm.example")));
        run(client, pod("uid-2", "containerd"));
        assertEquals(1, containerd.pods().size());
        assertEquals(2, pods(client).size());
        var unused =
            client
                .runtime()
                .removePodSandbox(
                    RemovePodSandboxRequest.newBuilder()
                        .setPodSandboxId("vmex__vm-uid-1")
                        .build());
        assertEquals(List.of("uid-2"), pods(client));
      }
      stop.countDown();
      node.join();
    }
  }

  private void serve(CountDownLatch stop) {
    try {
      VmNode.serve(folder.resolve("containerd.sock"), folder.resolve("node.sock"), stop);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static List<String> pods(CriClient client) {
    return client
        .runtime()
        .listPodSandbox(ListPodSandboxRequest.getDefaultInstance())
        .getItemsList()
        .stream()
        .map(pod -> pod.getMetadata().getUid())
        .toList();
  }

  private static String run(CriClient client, PodSandboxConfig pod) {
    return client
        .withDeadline(Duration.ofSeconds(30))
        .runtime()
        .withWaitForReady()
        .runPodSandbox(RunPodSandboxRequest.newBuilder().setConfig(pod).build())
        .getPodSandboxId();
  }

  private static PodSandboxConfig pod(String uid, String runtime) {
    return PodSandboxConfig.newBuilder()
        .setMetadata(PodSandboxMetadata.newBuilder().setName(uid).setUid(uid))
        .putAnnotations(RoutingPolicy.TARGET_RUNTIME_ANNOTATION, runtime)
        .build();
  }
}
