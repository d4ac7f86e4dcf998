package org.example.vm;

import io.crirouter.testkit.contract.Feature;
import io.crirouter.testkit.contract.RuntimeContract;
import io.crirouter.testkit.contract.RuntimeUnderTest;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** What a kubelet relies on, with machines that are nothing but their state. */
class VmContractTest extends RuntimeContract {
  /** What a virtual machine cannot do, or what this runtime leaves to others. */
  static final Feature[] LACKS = {
    // There is one guest, and nothing in it that runs commands of the node.
    Feature.PROCESSES,
    Feature.EXEC,
    Feature.PORT_FORWARD,
    Feature.SEVERAL_CONTAINERS,
    Feature.CHECKPOINTS,
    // The hardware of a machine is fixed when it is booted.
    Feature.POD_RESOURCES,
    // The router does them for its runtimes.
    Feature.POD_STATS,
    Feature.LIST_STREAMS,
    // Kubelets do without.
    Feature.RUNTIME_CONFIG,
    Feature.SHORT_IDS,
    Feature.METRICS,
  };

  @TempDir static Path folder;

  @Override
  protected RuntimeUnderTest runtime() throws Exception {
    ImageServer server = new ImageServer();
    server.putDisk("busybox:latest", BootSector.saying("busybox"));
    server.putDisk("alpine:latest", BootSector.saying("alpine"));
    VmRuntime runtime =
        VmRuntime.open(
            TestOptions.at(folder, server.uri()), new FakeHypervisor(), new FakeNetwork());
    return RuntimeUnderTest.of(runtime.backend(), "busybox")
        .imageToRemove("alpine")
        .logs(Files.createDirectories(folder.resolve("logs")))
        .lacks(LACKS)
        .closeAfterwards(
            () -> {
              runtime.close();
              server.close();
            })
        .build();
  }
}
