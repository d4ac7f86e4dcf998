package org.example.vm;

// snippet: node
import com.google.common.util.concurrent.Uninterruptibles;
import io.crirouter.core.BackendName;
import io.crirouter.core.CriRouter;
import io.crirouter.core.RoutingPolicy;
import io.crirouter.grpc.CriServer;
import io.crirouter.grpc.EventLoops;
import io.crirouter.grpc.GrpcBackend;
import java.io.IOException;
import java.nio.file.Path;
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
  public static void main(String[] args) throws IOException {
    Thread main = Thread.currentThread();
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  main.interrupt();
                  Uninterruptibles.joinUninterruptibly(main);
                }));
    try {
      serve(Path.of(args[0]), Path.of(args[1]));
    } catch (InterruptedException e) {
      System.err.println("stopped");
    }
  }

  static void serve(Path containerdSocket, Path socket) throws IOException, InterruptedException {
    ExecutorService executor = Executors.newFixedThreadPool(16);
    try (EventLoops loops = EventLoops.create();
        GrpcBackend containerd = GrpcBackend.builder(containerdSocket).eventLoops(loops).build();
        CriRouter router =
            CriRouter.builder()
                .scheduler(loops.scheduler())
                .primary(BackendName.of("containerd"), containerd)
                .secondary(BackendName.of("vm.example"), new VmRuntime().backend(executor))
                .policy(RoutingPolicy.annotation())
                .build()) {
      router.firstContact().toCompletableFuture().join();
      try (CriServer server = CriServer.builder(router).socket(socket).eventLoops(loops).start()) {
        Thread.sleep(Long.MAX_VALUE);
      }
    } finally {
      executor.shutdown();
    }
  }
}
// end
