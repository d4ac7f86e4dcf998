package org.example.vm;

// snippet: node
import io.crirouter.core.BackendName;
import io.crirouter.core.CriRouter;
import io.crirouter.core.RoutingPolicy;
import io.crirouter.grpc.CriServer;
import io.crirouter.grpc.EventLoops;
import io.crirouter.grpc.GrpcBackend;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A node with containerd and, in this process, a runtime for VMs. */
public final class VmNode {
  private VmNode() {}

  /**
   * Serves CRI on the second socket until the process is stopped.
   *
   * @param args the socket of containerd, the one for the kubelet, and the options of the runtime
   */
  public static void main(String[] args) throws IOException {
    VmOptions options = VmOptions.parse(List.of(args).subList(2, args.length));
    Program.untilStopped(() -> serve(Path.of(args[0]), Path.of(args[1]), options));
  }

  static void serve(Path containerdSocket, Path socket, VmOptions options)
      throws IOException, InterruptedException {
    try (VmRuntime vms = VmRuntime.open(options);
        EventLoops loops = EventLoops.create();
        GrpcBackend containerd = GrpcBackend.builder(containerdSocket).eventLoops(loops).build();
        CriRouter router =
            CriRouter.builder()
                .scheduler(loops.scheduler())
                .primary(BackendName.of("containerd"), containerd)
                .secondary(BackendName.of("vm.example"), vms.backend())
                .policy(RoutingPolicy.annotation())
                .build()) {
      router.firstContact().toCompletableFuture().join();
      try (CriServer server = CriServer.builder(router).socket(socket).eventLoops(loops).start()) {
        Thread.sleep(Long.MAX_VALUE);
      }
    }
  }
}
// end
