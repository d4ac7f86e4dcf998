package org.example.vm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.crirouter.core.RoutingPolicy;
import io.crirouter.proto.v1.ContainerConfig;
import io.crirouter.proto.v1.ContainerState;
import io.crirouter.proto.v1.ExecSyncRequest;
import io.crirouter.proto.v1.LinuxContainerConfig;
import io.crirouter.proto.v1.LinuxContainerResources;
import io.crirouter.proto.v1.LinuxPodSandboxConfig;
import io.crirouter.proto.v1.PodSandboxConfig;
import io.crirouter.testkit.CriClient;
import io.crirouter.testkit.containerd.ContainerdEnvironment;
import io.crirouter.testkit.containerd.ContainerdInstance;
import io.crirouter.testkit.containerd.ContainerdLine;
import io.crirouter.testkit.containerd.RunDirectory;
import io.crirouter.testkit.containerd.TestRegistry;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A Linux in a VM beside a container of real containerd, through one socket. */
class VmNodeTest {
  private static final String VM_IMAGE = "vm.example/" + Guest.IMAGE;

  @TempDir private Path folder;

  @ParameterizedTest
  @EnumSource
  void aVmBesideAContainer(TestNode.Way way) throws Exception {
    require(Guest.reasonToSkip());
    require(ContainerdEnvironment.reasonToSkip(ContainerdLine.INSTALLED));
    Path socket = folder.resolve("node.sock");
    try (ImageServer server = new ImageServer();
        TestBridge bridge = new TestBridge(folder);
        RunDirectory run = RunDirectory.create();
        TestRegistry registry = TestRegistry.start(run);
        ContainerdInstance containerd =
            ContainerdInstance.builder("containerd").run(run).registry(registry).start()) {
      Guest.putOn(server, folder);
      VmOptions options = TestOptions.at(folder, server.uri(), bridge.options());
      try (TestNode node = way.start(containerd.socket(), socket, options);
          CriClient client = CriClient.connect(socket).withDeadline(Duration.ofSeconds(60))) {
        Kubelet kubelet = new Kubelet(client, folder.resolve("logs"));
        try {
          live(node, kubelet, containerd);
        } finally {
          kubelet.removeAll();
        }
        assertEquals(List.of(), kubelet.pods());
        assertEquals(List.of(), bridge.addressesInUse());
      }
    }
  }

  private static void require(Optional<String> reason) {
    if ("required".equals(System.getenv("CRI_ROUTER_E2E"))) {
      assertEquals(Optional.empty(), reason);
    }
    Assumptions.assumeTrue(reason.isEmpty(), () -> reason.orElse(""));
  }

  private static void live(TestNode node, Kubelet kubelet, ContainerdInstance containerd)
      throws Exception {
    kubelet.pull(VM_IMAGE);
    kubelet.pull(TestRegistry.BUSYBOX);
    PodSandboxConfig web = containerPod(kubelet, containerd);
    String webContainer =
        kubelet.create(
            kubelet.run(web),
            web,
            kubelet.container(TestRegistry.BUSYBOX).toBuilder()
                .addAllCommand(List.of("sh", "-c", "echo hello from a container; sleep 600"))
                .build());
    PodSandboxConfig desktop = vmPod(kubelet, "desktop");
    String pod = kubelet.run(desktop);
    String vm = kubelet.create(pod, desktop, vmContainer(kubelet));
    kubelet.start(webContainer);
    kubelet.start(vm);

    assertTrue(vm.startsWith("vmex__"), () -> vm + " is no id of the runtime for VMs");
    kubelet.awaitLog(webContainer, "hello from a container");
    kubelet.awaitLog(vm, "guest: up with 1 processors");
    assertEquals("desktop\n", get(kubelet.podStatus(pod).getNetwork().getIp()));
    assertNoExec(kubelet, vm);

    node.restart();
    kubelet.awaitRuntime(pod);
    assertEquals(ContainerState.CONTAINER_RUNNING, kubelet.status(vm).getState());
    assertEquals("desktop\n", get(kubelet.podStatus(pod).getNetwork().getIp()));
    kubelet.stop(vm, 60);
    assertEquals(0, kubelet.status(vm).getExitCode(), "the guest obeys the power button");
    kubelet.awaitLog(vm, "guest: the power button");
    assertEquals(ContainerState.CONTAINER_RUNNING, kubelet.status(webContainer).getState());
  }

  private static PodSandboxConfig vmPod(Kubelet kubelet, String name) {
    return kubelet.pod(name).toBuilder()
        .putAnnotations(RoutingPolicy.TARGET_RUNTIME_ANNOTATION, "vm.example")
        .build();
  }

  private static ContainerConfig vmContainer(Kubelet kubelet) {
    return kubelet.container(VM_IMAGE).toBuilder()
        .setLinux(
            LinuxContainerConfig.newBuilder()
                .setResources(
                    LinuxContainerResources.newBuilder().setMemoryLimitInBytes(96L << 20)))
        .build();
  }

  private static PodSandboxConfig containerPod(Kubelet kubelet, ContainerdInstance containerd) {
    return kubelet.pod("web").toBuilder()
        .setLinux(
            LinuxPodSandboxConfig.newBuilder()
                .setCgroupParent(containerd.cgroupParent() + "/podweb"))
        .build();
  }

  /** The HTTP response of the guest, over the bridge of the pods. */
  private static String get(String ip) throws IOException, InterruptedException {
    return HttpClient.newBuilder()
        .connectTimeout(Duration.ofSeconds(10))
        .build()
        .send(
            HttpRequest.newBuilder(URI.create("http://" + ip + "/"))
                .timeout(Duration.ofSeconds(10))
                .build(),
            HttpResponse.BodyHandlers.ofString())
        .body();
  }

  private static void assertNoExec(Kubelet kubelet, String vm) {
    try {
      var answer =
          kubelet
              .client()
              .runtime()
              .execSync(ExecSyncRequest.newBuilder().setContainerId(vm).addCmd("true").build());
      throw new AssertionError("a VM has run a command: " + answer);
    } catch (StatusRuntimeException e) {
      assertEquals(Status.Code.UNIMPLEMENTED, e.getStatus().getCode());
    }
  }
}
