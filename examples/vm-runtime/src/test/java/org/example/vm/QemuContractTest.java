package org.example.vm;

import io.crirouter.testkit.contract.RuntimeContract;
import io.crirouter.testkit.contract.RuntimeUnderTest;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** The runtime contract, with about sixty real machines on a real network. */
class QemuContractTest extends RuntimeContract {
  @TempDir static Path folder;

  @Override
  protected RuntimeUnderTest runtime() throws Exception {
    QemuEnvironment.require();
    ImageServer server = new ImageServer();
    server.putDisk("busybox:latest", BootSector.saying("busybox"));
    server.putDisk("alpine:latest", BootSector.saying("alpine"));
    TestBridge bridge = new TestBridge(folder);
    VmRuntime runtime = VmRuntime.open(TestOptions.at(folder, server.uri(), bridge.options()));
    return RuntimeUnderTest.of(runtime.backend(), "busybox")
        .imageToRemove("alpine")
        .logs(Files.createDirectories(folder.resolve("logs")))
        .lacks(VmContractTest.LACKS)
        .closeAfterwards(
            () -> {
              runtime.close();
              server.close();
              bridge.close();
            })
        .build();
  }
}
