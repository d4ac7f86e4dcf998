package org.example.vm;

import io.crirouter.testkit.contract.Feature;
import io.crirouter.testkit.contract.RuntimeContract;
import io.crirouter.testkit.contract.RuntimeUnderTest;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** The runtime contract, with fake machines. */
class VmContractTest extends RuntimeContract {
  /** The features that a virtual machine or this runtime does not have. */
  static final Feature[] LACKS = {
    // No process in the guest runs commands of the node.
    Feature.PROCESSES,
    Feature.EXEC,
    Feature.PORT_FORWARD,
    Feature.SEVERAL_CONTAINERS,
    Feature.CHECKPOINTS,
    // The hardware of a machine is fixed at its boot.
    Feature.POD_RESOURCES,
    // The router synthesizes them.
    Feature.POD_STATS,
    Feature.LIST_STREAMS,
    // Kubelets do not need them.
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
