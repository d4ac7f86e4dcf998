package org.example.vm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.InvalidProtocolBufferException;
import io.crirouter.core.BackendName;
import io.crirouter.core.CriRequest;
import io.crirouter.core.CriRouter;
import io.crirouter.core.RoutingPolicy;
import io.crirouter.core.Rpc;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.proto.v1.CreateContainerRequest;
import io.crirouter.testkit.FakeRuntime;
import io.crirouter.testkit.ManualScheduler;
import io.crirouter.testkit.kubelet.KubeletSimulator;
import io.crirouter.testkit.kubelet.PodSpec;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The runtime behind a router, under a kubelet in simulated time. */
class KubeletTest {
  @TempDir private Path folder;

  /** The simulated kubelet does not make the folders of logs. */
  private static RuntimeBackend withoutLogs(RuntimeBackend runtime) {
    return (request, listener) -> runtime.start(withoutLog(request), listener);
  }

  private static CriRequest withoutLog(CriRequest request) {
    if (!request.method().equals(Rpc.CREATE_CONTAINER.method())) {
      return request;
    }
    try {
      CreateContainerRequest.Builder edited =
          CreateContainerRequest.parseFrom(request.message()).toBuilder();
      edited.getConfigBuilder().clearLogPath();
      return request.withMessage(edited.build().toByteString());
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException(e);
    }
  }

  @Test
  void aKubeletRunsPodsForAnHourWithoutInconsistencies() throws Exception {
    ManualScheduler time = new ManualScheduler();
    FakeHypervisor hypervisor = new FakeHypervisor();
    try (ImageServer server = new ImageServer();
        VmRuntime runtime =
            VmRuntime.open(TestOptions.at(folder, server.uri()), hypervisor, new FakeNetwork());
        CriRouter router =
            CriRouter.builder()
                .scheduler(time)
                .primary(BackendName.of("containerd"), FakeRuntime.create("containerd"))
                .secondary(
                    BackendName.of("vm.example"), withoutLogs(runtime.backend(Runnable::run)))
                .build();
        KubeletSimulator kubelet = KubeletSimulator.builder(router, time).start()) {
      server.putDisk("disk:1", BootSector.saying("hello"));
      kubelet.add(PodSpec.named("web").container("main", "busybox").build());
      kubelet.add(
          PodSpec.named("desktop")
              .annotation(RoutingPolicy.TARGET_RUNTIME_ANNOTATION, "vm.example")
              .container("main", "vm.example/disk:1")
              .build());
      time.advance(Duration.ofMinutes(30));
      assertTrue(kubelet.isNodeReady());
      assertEquals(KubeletSimulator.Phase.RUNNING, kubelet.phase("web"));
      assertEquals(KubeletSimulator.Phase.RUNNING, kubelet.phase("desktop"));

      hypervisor.theMachine().end(Machine.End.RESET);
      time.advance(Duration.ofMinutes(30));
      assertEquals(KubeletSimulator.Phase.RUNNING, kubelet.phase("desktop"));
      assertEquals(2, hypervisor.booted.size(), "booted again");

      kubelet.delete("desktop");
      time.advance(Duration.ofMinutes(2));
      assertEquals(KubeletSimulator.Phase.GONE, kubelet.phase("desktop"));
      kubelet.assertNoFindings();
    }
  }
}
