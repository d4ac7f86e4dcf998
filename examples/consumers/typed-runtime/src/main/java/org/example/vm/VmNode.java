package org.example.vm;

// snippet: node
import com.google.common.util.concurrent.Uninterruptibles;
import io.crirouter.core.BackendName;
import io.crirouter.core.CriRouter;
import io.crirouter.core.RoutingPolicy;
import io.crirouter.core.Rpc;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.core.TypedBackend;
import io.crirouter.grpc.CriServer;
import io.crirouter.grpc.EventLoops;
import io.crirouter.grpc.GrpcBackend;
import io.crirouter.proto.v1.ListPodSandboxResponse;
import io.crirouter.proto.v1.PodSandbox;
import io.crirouter.proto.v1.PodSandboxMetadata;
import io.crirouter.proto.v1.PodSandboxState;
import io.crirouter.proto.v1.RemovePodSandboxResponse;
import io.crirouter.proto.v1.RunPodSandboxResponse;
import io.crirouter.proto.v1.VersionResponse;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
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
    Map<String, PodSandbox> pods = new ConcurrentHashMap<>();
    return TypedBackend.builder()
        .executor(executor)
        .address("the VMs of this process")
        .unary(
            Rpc.VERSION,
            request ->
                VersionResponse.newBuilder()
                    .setVersion("0.1.0")
                    .setRuntimeName("vm")
                    .setRuntimeVersion("1.0")
                    .setRuntimeApiVersion("v1")
                    .build())
        .unary(
            Rpc.RUN_POD_SANDBOX,
            request -> {
              PodSandboxMetadata metadata = request.getConfig().getMetadata();
              String id = "vm-" + metadata.getUid();
              pods.put(
                  id,
                  PodSandbox.newBuilder()
                      .setId(id)
                      .setMetadata(metadata)
                      .setState(PodSandboxState.SANDBOX_READY)
                      .build());
              return RunPodSandboxResponse.newBuilder().setPodSandboxId(id).build();
            })
        .unary(
            Rpc.LIST_POD_SANDBOX,
            request -> ListPodSandboxResponse.newBuilder().addAllItems(pods.values()).build())
        .unary(
            Rpc.REMOVE_POD_SANDBOX,
            request -> {
              pods.remove(request.getPodSandboxId());
              return RemovePodSandboxResponse.getDefaultInstance();
            })
        .build();
  }
}
// end
