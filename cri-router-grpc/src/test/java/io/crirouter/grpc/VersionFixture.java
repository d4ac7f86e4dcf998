package io.crirouter.grpc;

import static io.crirouter.grpc.Rpcs.STATUS;
import static io.crirouter.grpc.Rpcs.randomBytes;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.crirouter.core.CriRequest;
import io.crirouter.core.RuntimeBackend;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A backend at a socket on which a runtime of some versions of CRI is served later. */
abstract class VersionFixture {
  @TempDir Path folder;
  final HeldBackend runtime = new HeldBackend();
  Path socket;
  CriServer server;
  GrpcBackend backend;

  @BeforeEach
  void connect() {
    socket = folder.resolve("runtime.sock");
    backend = GrpcBackend.connect(socket);
  }

  @AfterEach
  void close() {
    backend.close();
    if (server != null) {
      server.close();
    }
  }

  void serve(RuntimeBackend served, ApiVersion... versions) throws IOException {
    server =
        CriServer.builder(served)
            .socket(socket)
            .apiVersions(EnumSet.copyOf(List.of(versions)))
            .start();
  }

  @CanIgnoreReturnValue
  ResponseRecorder call() {
    return ResponseRecorder.call(backend, CriRequest.of(STATUS, randomBytes(3)));
  }
}
