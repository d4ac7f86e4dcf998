package org.example.vm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.crirouter.proto.v1.AttachRequest;
import io.crirouter.proto.v1.ContainerState;
import io.crirouter.proto.v1.ContainerStatus;
import io.crirouter.proto.v1.LinuxContainerConfig;
import io.crirouter.proto.v1.LinuxContainerResources;
import io.crirouter.proto.v1.PodSandboxState;
import io.crirouter.proto.v1.StatusRequest;
import io.crirouter.testkit.CriClient;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pods and containers with fake machines. */
class VmRuntimeTest {
  @TempDir private Path folder;
  private final FakeHypervisor hypervisor = new FakeHypervisor();
  private final FakeNetwork network = new FakeNetwork();
  private ImageServer server;
  private VmRuntime runtime;
  private CriClient client;
  private Kubelet kubelet;

  @BeforeEach
  void open() throws Exception {
    server = new ImageServer();
    server.putDisk("busybox:latest", BootSector.saying("busybox"));
    start();
    kubelet.pull("busybox");
  }

  private void start() throws Exception {
    runtime = VmRuntime.open(TestOptions.at(folder, server.uri()), hypervisor, network);
    client = CriClient.of(runtime.backend());
    kubelet = new Kubelet(client, folder.resolve("logs"));
  }

  private void restart() throws Exception {
    client.close();
    runtime.close();
    start();
  }

  @AfterEach
  void close() throws IOException {
    client.close();
    runtime.close();
    server.close();
  }

  @Test
  void theLimitsOfAContainerAreTheHardwareOfItsMachine() {
    String pod = kubelet.run(kubelet.pod("web"));
    kubelet.start(
        kubelet.create(
            pod,
            kubelet.pod("web"),
            kubelet.container("busybox").toBuilder()
                .addCommand("/bin/app")
                .addArgs("two words")
                .setLinux(
                    LinuxContainerConfig.newBuilder()
                        .setResources(
                            LinuxContainerResources.newBuilder()
                                .setCpuShares(512)
                                .setMemoryLimitInBytes(128L << 20)))
                .build()));

    MachineSpec spec = hypervisor.booted.get(0);
    assertEquals(new MachineSpec.Hardware(1, 128), spec.hardware());
    assertEquals(
        "ip=10.1.0.2::10.1.0.1:255.255.255.0:web:eth0:off -- /bin/app \"two words\"",
        spec.kernelArguments());
  }

  @Test
  void aPodWithHostNetworkHasNeitherAddressNorCard() {
    String pod = kubelet.run(kubelet.podOfTheNodesNetwork("web"));
    kubelet.start(
        kubelet.create(pod, kubelet.podOfTheNodesNetwork("web"), kubelet.container("busybox")));

    assertFalse(kubelet.podStatus(pod).hasNetwork());
    assertEquals(Optional.empty(), hypervisor.booted.get(0).card());
  }

  @Test
  void machinesOutliveTheRuntimeAndAreFoundAgain() throws Exception {
    String container = kubelet.runContainer("web", "busybox");
    ContainerStatus before = kubelet.status(container);

    restart();

    assertEquals(before, kubelet.status(container));
    assertEquals(1, hypervisor.booted.size());
    hypervisor.theMachine().print("still here\n");
    kubelet.awaitLog(container, "still here");
    kubelet.stop(container, 10);
    assertEquals(0, kubelet.status(container).getExitCode());
  }

  @Test
  void aMachineThatEndedWithoutTheRuntimeIsExited() throws Exception {
    String container = kubelet.runContainer("web", "busybox");
    client.close();
    runtime.close();
    hypervisor.theMachine().end(Machine.End.POWERED_OFF);
    start();

    ContainerStatus status = kubelet.status(container);
    assertEquals(ContainerState.CONTAINER_EXITED, status.getState());
    assertEquals("Unknown", status.getReason());
  }

  @Test
  void aSandboxWithoutItsNetworkIsNotReadyAfterAReboot() throws Exception {
    String pod = kubelet.run(kubelet.pod("web"));
    network.addresses.clear();

    restart();

    assertEquals(PodSandboxState.SANDBOX_NOTREADY, kubelet.podStatus(pod).getState());
  }

  @Test
  void aSandboxWhoseCreationWasInterruptedIsRemoved() throws Exception {
    Path half = folder.resolve("vm/pods/0123");
    Files.createDirectories(half);

    restart();

    assertEquals(List.of(), kubelet.pods());
    assertFalse(Files.exists(half));
  }

  @Test
  void aSandboxWithoutNetworkIsNotCreatedAndItsNameIsFree() {
    network.failure = Optional.of("no addresses left");
    StatusRuntimeException failure =
        assertThrows(StatusRuntimeException.class, () -> kubelet.run(kubelet.pod("web")));
    assertTrue(failure.getMessage().contains("no addresses left"), failure::getMessage);
    assertEquals(List.of(), kubelet.pods());

    network.failure = Optional.empty();
    kubelet.run(kubelet.pod("web"));
  }

  @Test
  void aContainerWhoseMachineDoesNotBootStaysCreated() {
    String pod = kubelet.run(kubelet.pod("web"));
    String container = kubelet.create(pod, kubelet.pod("web"), kubelet.container("busybox"));
    hypervisor.failure = Optional.of("no room for a VM");

    StatusRuntimeException failure =
        assertThrows(StatusRuntimeException.class, () -> kubelet.start(container));

    assertTrue(failure.getMessage().contains("no room for a VM"), failure::getMessage);
    assertEquals(ContainerState.CONTAINER_CREATED, kubelet.status(container).getState());
  }

  private String attachUrl(String container) {
    return client
        .runtime()
        .attach(
            AttachRequest.newBuilder()
                .setContainerId(container)
                .setStdin(true)
                .setStdout(true)
                .build())
        .getUrl();
  }

  @Test
  void attachConnectsToTheConsole() throws IOException {
    String container = kubelet.runContainer("web", "busybox");
    try (AttachClient console = AttachClient.connect(attachUrl(container))) {
      console.type("root\n");
      hypervisor.awaitTyped(container, "root\n");
      hypervisor.theMachine().print("login: ");
      console.awaitOutput("login: ");

      hypervisor.theMachine().end(Machine.End.POWERED_OFF);
      assertTrue(console.awaitEnd().contains("Success"));
    }
  }

  @Test
  void aUrlIsValidForOneConnection() throws IOException {
    String url = attachUrl(kubelet.runContainer("web", "busybox"));
    AttachClient.connect(url).close();

    IOException failure = assertThrows(IOException.class, () -> AttachClient.connect(url));

    assertTrue(failure.getMessage().contains("404"), failure::getMessage);
  }

  @Test
  void aMachineWhoseLogCannotBeOpenedIsKilled() throws IOException {
    String pod = kubelet.run(kubelet.pod("web"));
    String container = kubelet.create(pod, kubelet.pod("web"), kubelet.container("busybox"));
    Files.delete(folder.resolve("logs/web"));

    assertThrows(StatusRuntimeException.class, () -> kubelet.start(container));

    assertEquals(ContainerState.CONTAINER_CREATED, kubelet.status(container).getState());
    assertTrue(hypervisor.machines.get(container).ended.isDone());
  }

  @Test
  void aGuestThatIgnoresThePowerButtonIsKilledAfterTheTimeout() {
    hypervisor.listening = false;
    String container = kubelet.runContainer("web", "busybox");

    kubelet.stop(container, 1);

    assertEquals(137, kubelet.status(container).getExitCode());
  }

  @Test
  void theStatusHasTheReasonsWhyItIsNotReady() {
    hypervisor.failure = Optional.of("qemu is not installed");

    String message =
        client
            .runtime()
            .status(StatusRequest.getDefaultInstance())
            .getStatus()
            .getConditions(0)
            .getMessage();

    assertEquals("qemu is not installed", message);
  }

  @Test
  void twoRuntimesCannotShareAFolder() {
    IOException failure =
        assertThrows(
            IOException.class,
            () -> VmRuntime.open(TestOptions.at(folder, server.uri()), hypervisor, network));
    assertTrue(failure.getMessage().contains("another vm-runtime"), failure::getMessage);
  }

  @Test
  void anUpdateThatNeedsARestartIsRefused() {
    String container = kubelet.runContainer("web", "busybox");

    assertThrows(
        StatusRuntimeException.class,
        () ->
            kubelet.update(
                container,
                LinuxContainerResources.newBuilder().setMemoryLimitInBytes(1L << 30).build()));
    kubelet.update(container, LinuxContainerResources.newBuilder().setCpuShares(2).build());
  }
}
