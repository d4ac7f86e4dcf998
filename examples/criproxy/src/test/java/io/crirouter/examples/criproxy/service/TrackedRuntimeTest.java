package io.crirouter.examples.criproxy.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.grpc.GrpcBackend;
import io.crirouter.proto.v1.ContainerEventResponse;
import io.crirouter.proto.v1.RuntimeServiceGrpc;
import io.crirouter.proto.v1.StatusRequest;
import io.crirouter.testkit.CriClient;
import io.crirouter.testkit.ManualScheduler;
import io.crirouter.testkit.ResponseStream;
import io.grpc.Status;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A connection to a runtime that is replaced by another one. */
class TrackedRuntimeTest {
  @TempDir Path folder;

  @Test
  void itIsClosedWhenItsCallsHaveEndedAndEventStreamsEndAtOnceAlsoThoseThatStartMeanwhile()
      throws Exception {
    ManualScheduler clock = new ManualScheduler();
    AtomicBoolean closed = new AtomicBoolean();
    try (ServedNode node = new ServedNode(folder, "containerd");
        TrackedRuntime tracked =
            new TrackedRuntime(GrpcBackend.connect(node.at("containerd")), clock);
        CriClient client = CriClient.of(tracked);
        ResponseStream<ContainerEventResponse> before = client.events()) {
      node.runtime("containerd").hang("Status");
      try (var call =
          client.stream(RuntimeServiceGrpc.getStatusMethod(), StatusRequest.getDefaultInstance())) {
        tracked.closeWhenIdle(Duration.ofMinutes(15), () -> closed.set(true));
        assertThat(before.awaitEnd().getCode()).isEqualTo(Status.Code.OK);

        try (ResponseStream<ContainerEventResponse> late = client.events()) {
          clock.advance(Duration.ofSeconds(1));
          assertThat(late.awaitEnd().getCode()).isEqualTo(Status.Code.OK);
        }
        assertThat(closed).as("while a call is under way").isFalse();
        node.runtime("containerd").resume();
        assertThat(call.awaitEnd().getCode()).isEqualTo(Status.Code.OK);
      }
      Await.until(
          "close",
          () -> {
            clock.advance(Duration.ofSeconds(1));
            return closed.get();
          });
    }
  }
}
