package io.crirouter.examples.criproxy;

import io.crirouter.core.BackendName;
import io.crirouter.core.CriRouter;
import io.crirouter.core.RoutingPolicy;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.core.TypedBackend;
import io.crirouter.grpc.CriServer;
import io.crirouter.grpc.EventLoops;
import io.crirouter.grpc.GrpcBackend;
import io.crirouter.proto.v1.VersionRequest;
import io.crirouter.proto.v1.VersionResponse;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Executor;

/** The code that the README shows, between the marks, compiled. */
abstract class ReadmeSnippets {
  abstract void untilToldToStop();

  void embed(RuntimeBackend vmRuntime, Path socket) throws IOException {
    // snippet: embed
    try (EventLoops loops = EventLoops.create();
        GrpcBackend containerd =
            GrpcBackend.builder(Path.of("/run/containerd/containerd.sock"))
                .eventLoops(loops)
                .build();
        CriRouter router =
            CriRouter.builder()
                .scheduler(loops.scheduler())
                .primary(BackendName.of("containerd"), containerd)
                .secondary(BackendName.of("vm.example"), vmRuntime)
                .policy(
                    RoutingPolicy.firstOf(
                        RoutingPolicy.annotation(),
                        RoutingPolicy.runtimeHandler(Map.of("vm", BackendName.of("vm.example")))))
                .build()) {
      router.firstContact().toCompletableFuture().join();
      try (CriServer server = CriServer.builder(router).socket(socket).eventLoops(loops).start()) {
        untilToldToStop();
      }
    }
    // end
  }

  RuntimeBackend typed(Executor executor) {
    // snippet: typed
    RuntimeBackend vmRuntime =
        TypedBackend.builder()
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
            .build();
    // end
    return vmRuntime;
  }
}
