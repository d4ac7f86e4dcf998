package org.example.vm;

// snippet: node
import com.google.common.util.concurrent.Uninterruptibles;
import io.crirouter.core.BackendName;
import io.crirouter.core.CriRouter;
import io.crirouter.core.RoutingPolicy;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.core.TypedBackend;
import io.crirouter.grpc.CriServer;
import io.crirouter.grpc.EventLoops;
import io.crirouter.grpc.GrpcBackend;
import io.crirouter.proto.v1.RunPodSandboxRequest;
import io.crirouter.proto.v1.RunPodSandboxResponse;
import io.crirouter.proto.v1.VersionRequest;
import io.crirouter.proto.v1.VersionResponse;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A node with containerd and, in this process, a runtime for VMs. */
public final class VmNode {
  private VmNode() {}

  /**
   * Serves CRI on the second socket until the process is told to stop.
   *
   * @param args the socket of containerd, and the one for the kubelet
   */
  public static void main(String[] args) throws IOException, InterruptedException {
    CountDownLatch stop = new CountDownLatch(1);
    CountDownLatch stopped = new CountDownLatch(1);
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  stop.countDown();
                  Uninterruptibles.awaitUninterruptibly(stopped);
                }));
    try {
      serve(Path.of(args[0]), Path.of(args[1]), stop);
    } finally {
      stopped.countDown();
    }
  }

  static void serve(Path containerdSocket, Path socket, CountDownLatch stop)
      throws IOException, InterruptedException {
    ExecutorService executor = Executors.newFixedThreadPool(4);
    try (EventLoops loops = EventLoops.create();
        GrpcBackend containerd = GrpcBackend.builder(containerdSocket).eventLoops(loops).build();
        CriRouter router =
            CriRouter.builder()
                .scheduler(loops.scheduler())
                .primary(BackendName.of("containerd"), containerd)
                .secondary(BackendName.of("vm.example"), vms(executor))
                .policy(RoutingPolicy.annotation())
                .build()) {
      router.firstContact().toCompletableFuture().join();
      try (CriServer server = CriServer.builder(router).socket(socket).eventLoops(loops).start()) {
        stop.await();
      }
    } finally {
      executor.shutdown();
    }
  }

  private static RuntimeBackend vms(ExecutorService executor) {
    return TypedBackend.builder()
        .executor(executor)
        .unary(
            "Version",
            VersionRequest.parser(),
            request ->
                VersionResponse.newBuilder()
                    .setVersion("0.1.0")
                    .setRuntimeName("vm")
                    .setRuntimeVersion("1.0")
                    .setRuntimeApiVersion("v1")
                    .build())
        .unary(
            "RunPodSandbox",
            RunPodSandboxRequest.parser(),
            request ->
                RunPodSandboxResponse.newBuilder()
                    .setPodSandboxId("vm-" + request.getConfig().getMetadata().getUid())
                    .build())
        .build();
  }
}
// end
