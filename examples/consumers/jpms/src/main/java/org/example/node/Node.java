package org.example.node;

import io.crirouter.core.BackendName;
import io.crirouter.core.BackendState;
import io.crirouter.core.CriRouter;
import io.crirouter.core.Rpc;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.core.TypedBackend;
import io.crirouter.grpc.CriServer;
import io.crirouter.grpc.EventLoops;
import io.crirouter.grpc.GrpcBackend;
import io.crirouter.proto.v1.VersionResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Serves a runtime on a socket and connects a router to it, all on the module path. */
public final class Node {
  private Node() {}

  /** Fails if the runtime is not ready in time. */
  public static void main(String[] args) throws IOException {
    if (!Node.class.getModule().isNamed() || !CriRouter.class.getModule().isNamed()) {
      throw new IllegalStateException("not on the module path");
    }
    CompletableFuture<BackendState> ready = new CompletableFuture<>();
    Path folder = Files.createTempDirectory("node");
    Path socket = folder.resolve("vm.sock");
    try (EventLoops loops = EventLoops.create();
        CriServer server = CriServer.builder(vms()).socket(socket).eventLoops(loops).start();
        GrpcBackend backend = GrpcBackend.builder(socket).eventLoops(loops).build();
        CriRouter router =
            CriRouter.builder()
                .scheduler(loops.scheduler())
                .primary(BackendName.of("vm"), backend)
                .listener(state -> completeIfReady(state, ready))
                .build()) {
      ready.orTimeout(60, TimeUnit.SECONDS).join();
      System.out.println("on the module path: " + ready.join().name() + " is ready");
    } finally {
      delete(folder);
    }
  }

  private static void completeIfReady(BackendState state, CompletableFuture<BackendState> ready) {
    if (state.phase() == BackendState.Phase.READY) {
      ready.complete(state);
    }
  }

  /** Deletes the folder, and the lock file of the socket, which a server leaves there. */
  private static void delete(Path folder) throws IOException {
    Files.deleteIfExists(folder.resolve("vm.sock.lock"));
    Files.delete(folder);
  }

  private static RuntimeBackend vms() {
    return TypedBackend.builder()
        .direct()
        .unary(
            Rpc.VERSION,
            request ->
                VersionResponse.newBuilder()
                    .setVersion("0.1.0")
                    .setRuntimeName("vm")
                    .setRuntimeVersion("1.0")
                    .setRuntimeApiVersion("v1")
                    .build())
        .build();
  }
}
