package io.crirouter.grpc;

import com.google.protobuf.ByteString;
import io.crirouter.core.CriMethod;
import io.crirouter.core.CriRequest;
import io.crirouter.core.RuntimeBackend;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A {@link GrpcBackend} of a fixed version in front of a {@link CriServer}. */
abstract class GrpcBackendFixture {
  @TempDir Path folder;
  final HeldBackend runtime = new HeldBackend();
  Path socket;
  CriServer server;
  GrpcBackend backend;

  @BeforeEach
  final void name() {
    socket = folder.resolve("runtime.sock");
  }

  final void serve(RuntimeBackend served) throws IOException {
    server = CriServer.builder(served).socket(socket).start();
    backend = GrpcBackend.builder(socket).apiVersion(ApiVersion.V1).build();
  }

  @AfterEach
  final void close() {
    if (backend != null) {
      backend.close();
    }
    if (server != null) {
      server.close();
    }
  }

  static CriRequest request(CriMethod method, ByteString message) {
    return CriRequest.of(method, message);
  }

  static CriRequest within(Duration timeout, CriMethod method) {
    return request(method, ByteString.EMPTY).withTimeoutNanos(timeout.toNanos());
  }
}
