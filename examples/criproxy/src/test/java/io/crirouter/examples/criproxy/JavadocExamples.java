package io.crirouter.examples.criproxy;

import io.crirouter.core.BackendName;
import io.crirouter.core.CriRouter;
import io.crirouter.core.RoutingPolicy;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.grpc.CriServer;
import io.crirouter.grpc.EventLoops;
import io.crirouter.grpc.GrpcBackend;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;

/** The examples in the javadoc of these classes, between the marks. */
abstract class JavadocExamples {
  CriRouter router(EventLoops loops, RuntimeBackend containerd, RuntimeBackend vms) {
    // snippet: CriRouter
    CriRouter router =
        CriRouter.builder()
            .scheduler(loops.scheduler())
            .primary(BackendName.of("containerd"), containerd)
            .secondary(BackendName.of("vm.example"), vms)
            .policy(RoutingPolicy.annotation())
            .build();
    router.firstContact().toCompletableFuture().join();
    // end
    return router;
  }

  void server(CriRouter router, Path socket, EventLoops loops, CountDownLatch stop)
      throws IOException, InterruptedException {
    // snippet: CriServer
    try (CriServer server = CriServer.builder(router).socket(socket).eventLoops(loops).start()) {
      stop.await();
    }
    // end
  }

  GrpcBackend backend(EventLoops loops) {
    // snippet: GrpcBackend
    GrpcBackend containerd =
        GrpcBackend.builder(Path.of("/run/containerd/containerd.sock")).eventLoops(loops).build();
    // end
    return containerd;
  }

  RoutingPolicy policy() {
    // snippet: RoutingPolicy
    RoutingPolicy batch =
        pod ->
            "batch".equals(pod.labels().get("tier"))
                ? Optional.of(BackendName.of("vm.example"))
                : Optional.empty();
    RoutingPolicy policy = RoutingPolicy.firstOf(RoutingPolicy.annotation(), batch);
    // end
    return policy;
  }
}
