package io.crirouter.grpc;

import static io.crirouter.grpc.Rpcs.VERSION;

import io.crirouter.core.CriRequest;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.core.Scheduler;
import io.crirouter.proto.v1.VersionRequest;
import io.grpc.BindableService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.AfterEach;

/** Runs services on two threads. */
abstract class GrpcServiceBackendFixture {
  final ScheduledExecutorService executor = Executors.newScheduledThreadPool(2);

  @AfterEach
  final void close() {
    executor.shutdownNow();
  }

  final RuntimeBackend backend(BindableService... services) {
    GrpcServiceBackend.Builder builder = builder();
    for (BindableService service : services) {
      builder.service(service);
    }
    return builder.build();
  }

  final GrpcServiceBackend.Builder builder() {
    return GrpcServiceBackend.builder()
        .executor(executor)
        .scheduler(Scheduler.of(executor))
        .address("the VMs");
  }

  static CriRequest versionRequest() {
    return CriRequest.of(
        VERSION, VersionRequest.newBuilder().setVersion("v").build().toByteString());
  }
}
