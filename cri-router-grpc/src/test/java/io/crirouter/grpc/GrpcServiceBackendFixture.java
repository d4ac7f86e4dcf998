package io.crirouter.grpc;

import static io.crirouter.grpc.Rpcs.VERSION;

import io.crirouter.core.CriRequest;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.proto.v1.VersionRequest;
import io.grpc.BindableService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;

/** Runs services on two threads. */
abstract class GrpcServiceBackendFixture {
  final ExecutorService executor = Executors.newFixedThreadPool(2);

  @AfterEach
  final void close() {
    executor.shutdownNow();
  }

  final RuntimeBackend backend(BindableService... services) {
    return GrpcServiceBackend.of(executor, services);
  }

  static CriRequest versionRequest() {
    return CriRequest.of(
        VERSION, VersionRequest.newBuilder().setVersion("v").build().toByteString());
  }
}
