package org.example.vm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.crirouter.core.RoutingPolicy;
import io.crirouter.grpc.CriServer;
import io.crirouter.proto.v1.LinuxPodSandboxConfig;
import io.crirouter.proto.v1.ListPodSandboxRequest;
import io.crirouter.proto.v1.PodSandbox;
import io.crirouter.proto.v1.PodSandboxConfig;
import io.crirouter.proto.v1.PodSandboxMetadata;
import io.crirouter.proto.v1.RemovePodSandboxRequest;
import io.crirouter.proto.v1.RunPodSandboxRequest;
import io.crirouter.testkit.CriClient;
import io.crirouter.testkit.FakeRuntime;
import io.crirouter.testkit.containerd.ContainerdEnvironment;
import io.crirouter.testkit.containerd.ContainerdInstance;
import io.crirouter.testkit.containerd.ContainerdLine;
import io.crirouter.testkit.containerd.RunDirectory;
import io.crirouter.testkit.containerd.TestRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.FutureTask;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The program, in front of a containerd. */
class VmNodeTest {
  @TempDir Path folder;

  @Test
  void besideAFake() throws Exception {
    Path socket = folder.resolve("containerd.sock");
    try (CriServer containerd = FakeRuntime.create("containerd").serve(socket)) {
      runsMarkedPodsAsVmsAndOthersOn(socket, "/pods");
    }
  }

  @ParameterizedTest
  @EnumSource
  void besideARealContainerd(ContainerdLine line) throws Exception {
    Optional<String> reason = ContainerdEnvironment.reasonToSkip(line);
    Assumptions.assumeTrue(reason.isEmpty(), () -> reason.orElse(""));
    try (RunDirectory run = RunDirectory.create();
        TestRegistry registry = TestRegistry.start(run);
        ContainerdInstance containerd =
            ContainerdInstance.builder("containerd")
                .line(line)
                .run(run)
                .registry(registry)
                .start()) {
      runsMarkedPodsAsVmsAndOthersOn(containerd.socket(), containerd.cgroupParent());
    }
  }

  private void runsMarkedPodsAsVmsAndOthersOn(Path containerd, String cgroup) throws Exception {
    Path socket = folder.resolve("node.sock");
    FutureTask<Void> program =
        new FutureTask<>(
            () -> {
              serve(containerd, socket);
              return null;
            });
    Thread node = new Thread(program, "node");
    node.start();
    try (CriClient atContainerd = CriClient.connect(containerd);
        CriClient kubelet = CriClient.connect(socket).withDeadline(Duration.ofSeconds(30))) {
      String vm =
          run(
              kubelet,
              pod("desktop", cgroup)
                  .putAnnotations(RoutingPolicy.TARGET_RUNTIME_ANNOTATION, "vm.example"));
      String web = run(kubelet, pod("web", cgroup));

      assertEquals("vmex__", vm.substring(0, 6), "an id of the runtime for VMs");
      assertEquals(Set.of(web), pods(atContainerd));
      assertEquals(Set.of(vm, web), pods(kubelet));
      remove(kubelet, vm);
      assertEquals(Set.of(web), pods(kubelet));
      remove(kubelet, web);
      assertEquals(Set.of(), pods(atContainerd));
    } finally {
      node.interrupt();
      program.get();
    }
  }

  private static void serve(Path containerd, Path socket) throws IOException {
    try {
      VmNode.serve(containerd, socket);
    } catch (InterruptedException e) {
      // This is how it is stopped.
    }
  }

  private static PodSandboxConfig.Builder pod(String name, String cgroup) {
    return PodSandboxConfig.newBuilder()
        .setMetadata(
            PodSandboxMetadata.newBuilder().setNamespace("default").setName(name).setUid(name))
        .setLinux(LinuxPodSandboxConfig.newBuilder().setCgroupParent(cgroup + "/pod" + name));
  }

  private static String run(CriClient client, PodSandboxConfig.Builder pod) {
    return client
        .runtime()
        .withWaitForReady()
        .runPodSandbox(RunPodSandboxRequest.newBuilder().setConfig(pod).build())
        .getPodSandboxId();
  }

  private static void remove(CriClient client, String id) {
    var removed =
        client
            .runtime()
            .removePodSandbox(RemovePodSandboxRequest.newBuilder().setPodSandboxId(id).build());
  }

  private static Set<String> pods(CriClient client) {
    return client
        .runtime()
        .listPodSandbox(ListPodSandboxRequest.getDefaultInstance())
        .getItemsList()
        .stream()
        .map(PodSandbox::getId)
        .collect(Collectors.toSet());
  }
}
