package org.example.vm;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.crirouter.proto.v1.ContainerState;
import io.crirouter.proto.v1.ContainerStatsRequest;
import io.crirouter.proto.v1.ContainerStatus;
import io.crirouter.proto.v1.LinuxContainerConfig;
import io.crirouter.proto.v1.LinuxContainerResources;
import io.crirouter.proto.v1.LinuxPodSandboxConfig;
import io.crirouter.proto.v1.PodSandboxConfig;
import io.crirouter.proto.v1.ReopenContainerLogRequest;
import io.crirouter.testkit.CriClient;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real machines, whose guest is a boot sector. */
class QemuTest {
  @TempDir private Path folder;
  private ImageServer server;
  private TestBridge bridge;
  private VmRuntime runtime;
  private CriClient client;
  private Kubelet kubelet;

  @BeforeEach
  void open() throws Exception {
    QemuEnvironment.require();
    server = new ImageServer();
    server.putDisk("guest:1", BootSector.saying("hello from the guest"));
    bridge = new TestBridge(folder);
    start();
    kubelet.pull("guest:1");
  }

  private void start() throws Exception {
    runtime = VmRuntime.open(TestOptions.at(folder, server.uri(), bridge.options()));
    client = CriClient.of(runtime.backend()).withDeadline(Duration.ofSeconds(60));
    kubelet = new Kubelet(client, folder.resolve("logs"));
  }

  @AfterEach
  void close() throws IOException {
    if (client != null) {
      kubelet.removeAll();
      client.close();
      runtime.close();
      server.close();
      assertEquals(List.of(), bridge.addressesInUse(), "addresses that were not released");
      bridge.close();
    }
  }

  private VmContainer machineOf(String container) {
    return runtime.container(container);
  }

  private void type(String container, String text) throws IOException {
    machineOf(container).console().orElseThrow().type(text.getBytes(US_ASCII));
  }

  private ContainerStatus awaitExit(String container) {
    long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (kubelet.status(container).getState() != ContainerState.CONTAINER_EXITED) {
      assertTrue(System.nanoTime() < deadline, () -> "runs on: " + kubelet.status(container));
      LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
    }
    return kubelet.status(container);
  }

  @Test
  void theConsoleOutputIsTheLogOfTheContainer() throws Exception {
    String container = kubelet.runContainer("web", "guest:1");
    kubelet.awaitLog(container, " stdout F hello from the guest\n");

    Path log = Path.of(kubelet.status(container).getLogPath());
    Files.move(log, log.resolveSibling("rotated"));
    var reopened =
        client
            .runtime()
            .reopenContainerLog(
                ReopenContainerLogRequest.newBuilder().setContainerId(container).build());
    type(container, "typed\n");

    kubelet.awaitLog(container, " stdout F typed\n");
    assertFalse(kubelet.log(container).contains("hello"));
  }

  @Test
  void aGuestThatPowersOffHasCompleted() throws Exception {
    String container = kubelet.runContainer("web", "guest:1");
    kubelet.awaitLog(container, "hello");
    type(container, "q");

    ContainerStatus status = awaitExit(container);
    assertEquals(0, status.getExitCode());
    assertEquals("Completed", status.getReason());
  }

  @Test
  void aGuestThatRestartsEndsItsContainer() throws Exception {
    String container = kubelet.runContainer("web", "guest:1");
    kubelet.awaitLog(container, "hello");
    type(container, "r");

    assertEquals(1, awaitExit(container).getExitCode());
  }

  @Test
  void aMachineRunsOnWithoutTheRuntimeAndLosesNoOutput() throws Exception {
    String container = kubelet.runContainer("web", "guest:1");
    kubelet.awaitLog(container, "hello");
    final long pid = machineOf(container).machine().orElseThrow().pid();
    final Path input = machineOf(container).machineFolder().resolve(Qemu.CONSOLE_INPUT);
    client.close();
    runtime.close();
    Files.writeString(input, "while away\n");

    start();

    kubelet.awaitLog(container, " stdout F while away\n");
    assertEquals(pid, machineOf(container).machine().orElseThrow().pid());
    assertEquals(ContainerState.CONTAINER_RUNNING, kubelet.status(container).getState());
    kubelet.stop(container, 0);
    assertEquals(137, kubelet.status(container).getExitCode());
    assertTrue(QemuMachine.isGone(pid));
  }

  /** Waits until a guest has powered off, without the runtime. */
  private static void awaitOff(Path monitor) throws IOException {
    long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    try (Qmp qmp = Qmp.connect(monitor, event -> {}, () -> {})) {
      qmp.execute("qmp_capabilities");
      while (!qmp.execute("query-status").get("status").getAsString().equals("shutdown")) {
        assertTrue(System.nanoTime() < deadline, "the guest is on");
        LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
      }
    }
  }

  @Test
  void aGuestThatEndedWithoutTheRuntimeLeavesNoProcess() throws Exception {
    String container = kubelet.runContainer("web", "guest:1");
    kubelet.awaitLog(container, "hello");
    final long pid = machineOf(container).machine().orElseThrow().pid();
    final Path input = machineOf(container).machineFolder().resolve(Qemu.CONSOLE_INPUT);
    client.close();
    runtime.close();
    Files.writeString(input, "q");
    awaitOff(input.resolveSibling("qmp"));

    start();

    assertEquals("Unknown", awaitExit(container).getReason());
    assertTrue(QemuMachine.isGone(pid));
  }

  @Test
  void aMachineThatIsKilledFromOutsideHasExited() {
    String container = kubelet.runContainer("web", "guest:1");
    ProcessHandle.of(machineOf(container).machine().orElseThrow().pid())
        .orElseThrow()
        .destroyForcibly();

    assertEquals(137, awaitExit(container).getExitCode());
  }

  /** A zombie stays in its group until its parent has reaped it. */
  private static void deleteWhenEmpty(Path group) throws IOException {
    long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (true) {
      try {
        Files.deleteIfExists(group);
        return;
      } catch (FileSystemException e) {
        if (System.nanoTime() - deadline > 0) {
          throw e;
        }
        LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
      }
    }
  }

  @Test
  void aMachineIsInTheControlGroupOfItsPod() throws Exception {
    Path root = Path.of("/sys/fs/cgroup");
    String name = "/cri-router-vm-" + ProcessHandle.current().pid();
    Path hierarchy = Files.isDirectory(root.resolve("memory")) ? root.resolve("memory") : root;
    Path group = Path.of(hierarchy + name);
    Files.createDirectory(group);
    try {
      PodSandboxConfig pod =
          kubelet.pod("web").toBuilder()
              .setLinux(LinuxPodSandboxConfig.newBuilder().setCgroupParent(name))
              .build();
      String container = kubelet.create(kubelet.run(pod), pod, kubelet.container("guest:1"));
      kubelet.start(container);

      Path own = group.resolve("vm-" + container);
      String pid = String.valueOf(machineOf(container).machine().orElseThrow().pid());
      assertEquals(List.of(pid), Files.readAllLines(own.resolve("cgroup.procs")));
      kubelet.stop(container, 0);
      deleteWhenEmpty(own);
    } finally {
      deleteWhenEmpty(group);
    }
  }

  @Test
  void aMachineHasMemoryAndCpuUsage() {
    String container = kubelet.runContainer("web", "guest:1");
    kubelet.awaitLog(container, "hello");

    var stats =
        client
            .runtime()
            .containerStats(ContainerStatsRequest.newBuilder().setContainerId(container).build())
            .getStats();
    assertTrue(stats.getCpu().getUsageCoreNanoSeconds().getValue() > 0);
    assertTrue(stats.getMemory().getWorkingSetBytes().getValue() > 10 << 20);
  }

  @Test
  void theErrorHasTheMessageOfQemu() {
    String pod = kubelet.run(kubelet.pod("web"));
    String container =
        kubelet.create(
            pod,
            kubelet.pod("web"),
            kubelet.container("guest:1").toBuilder()
                .setLinux(
                    LinuxContainerConfig.newBuilder()
                        .setResources(
                            LinuxContainerResources.newBuilder().setMemoryLimitInBytes(1L << 50)))
                .build());

    StatusRuntimeException failure =
        assertThrows(StatusRuntimeException.class, () -> kubelet.start(container));

    assertTrue(failure.getMessage().contains("qemu-system-x86_64"), failure::getMessage);
    assertEquals(ContainerState.CONTAINER_CREATED, kubelet.status(container).getState());
  }
}
