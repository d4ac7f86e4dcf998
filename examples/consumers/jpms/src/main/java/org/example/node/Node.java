package org.example.node;

import io.crirouter.core.BackendName;
import io.crirouter.core.BackendState;
import io.crirouter.core.CriRouter;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.core.TypedBackend;
import io.crirouter.grpc.CriServer;
import io.crirouter.grpc.EventLoops;
import io.crirouter.grpc.GrpcBackend;
import io.crirouter.proto.v1.VersionRequest;
import io.crirouter.proto.v1.VersionResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Serves a runtime on a socket and reaches it through a router, all on the module path. */
public final class Node {
  private Node() {}

  /** Ends with an error if the runtime cannot be reached. */
  public static void main(String[] args) throws IOException {
    if (!Node.class.getModule().isNamed() || !CriRouter.class.getModule().isNamed()) {
      throw new IllegalStateException("not on the module path");
    }
    Path folder = Files.createTempDirectory("node");
    Path socket = folder.resolve("vm.sock");
    try (EventLoops loops = EventLoops.create();
        CriServer server = CriServer.builder(vms()).socket(socket).eventLoops(loops).start();
        GrpcBackend backend = GrpcBackend.builder(socket).eventLoops(loops).build();
        CriRouter router =
            CriRouter.builder()
                .scheduler(loops.scheduler())
                .primary(BackendName.of("vm"), backend)
                .build()) {
      router.firstContact().toCompletableFuture().join();
      BackendState state = router.backends().iterator().next();
      if (state.phase() != BackendState.Phase.READY) {
        throw new IllegalStateException("the runtime is " + state);
      }
      System.out.println(
          "module " + CriRouter.class.getModule().getName() + ": " + state.name() + " is ready");
    } finally {
      delete(folder);
    }
  }

  /** Deletes the folder and the lock of the socket, which stays for the next server. */
  private static void delete(Path folder) throws IOException {
    Files.deleteIfExists(folder.resolve("vm.sock.lock"));
    Files.delete(folder);
  }

  private static RuntimeBackend vms() {
    return TypedBackend.builder()
        .direct()
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
  }
}
