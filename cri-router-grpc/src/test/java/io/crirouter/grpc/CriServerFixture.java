package io.crirouter.grpc;

import io.crirouter.core.RuntimeBackend;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/** A server and its client. */
abstract class CriServerFixture {
  @TempDir Path folder;
  final HeldBackend held = new HeldBackend();
  CriServer server;
  RawClient client;

  final void serve(RuntimeBackend backend) throws IOException {
    serve(CriServer.builder(backend));
  }

  final void serve(RuntimeBackend backend, ServerLimits.Builder limits) throws IOException {
    serve(CriServer.builder(backend).limits(limits.build()));
  }

  final void serve(CriServer.Builder builder) throws IOException {
    server = builder.socket(folder.resolve("cri.sock")).start();
    client = new RawClient(server.socket());
  }

  @AfterEach
  final void close() {
    if (client != null) {
      client.close();
    }
    if (server != null) {
      server.close();
    }
  }
}
