package io.crirouter.testkit;

import static io.crirouter.testkit.GrpcAssertions.assertFails;
import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.core.CriRequest;
import io.crirouter.core.RpcStatus;
import io.crirouter.grpc.CriServer;
import io.crirouter.proto.v1.ContainerEventResponse;
import io.crirouter.proto.v1.VersionRequest;
import io.grpc.Status.Code;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CriClientSocketTest {
  @TempDir Path folder;

  private final FakeRuntime runtime = FakeRuntime.named("vm").images("busybox").build();
  private CriServer server;
  private CriClient client;

  @BeforeEach
  void serve() throws Exception {
    Path socket = folder.resolve("cri.sock");
    server = runtime.serve(socket);
    client = CriClient.connect(socket);
  }

  @AfterEach
  void close() {
    client.close();
    server.close();
  }

  @Test
  void aPodRunsOverASocketAsInProcess() {
    try (ResponseStream<ContainerEventResponse> events = client.events()) {
      runtime.journal().takeCall("GetContainerEvents");
      String pod = Requests.runPod(client, "web");
      String app = Requests.startNew(client, pod, "app");

      assertThat(Requests.status(client, app).getImageId())
          .isEqualTo(runtime.images().get(0).getId());
      assertThat(events.next(event -> event.getContainerId().equals(app)).getPodSandboxStatus())
          .returns(pod, status -> status.getId());
    }
    assertThat(runtime.journal().callsOf("GetContainerEvents").get(0).awaitStatus().code())
        .isEqualTo(RpcStatus.Code.CANCELLED);
  }

  @Test
  void callsHaveADefaultTimeoutExceptEventStreams() {
    client.runtime().version(VersionRequest.getDefaultInstance());
    assertThat(Duration.ofNanos(runtime.journal().takeCall("Version").timeoutNanos()))
        .isLessThanOrEqualTo(Duration.ofSeconds(10));

    try (ResponseStream<ContainerEventResponse> events = client.events()) {
      assertThat(runtime.journal().takeCall("GetContainerEvents").timeoutNanos())
          .as("time limit of %s", events)
          .isEqualTo(CriRequest.NO_TIMEOUT);
    }
  }

  @Test
  void v1alpha2IsServedOnTheSameSocket() {
    assertThat(
            client
                .speaking("v1alpha2")
                .runtime()
                .version(VersionRequest.getDefaultInstance())
                .getRuntimeName())
        .isEqualTo("vm");
  }

  @Test
  void anInjectedFaultIsVisibleOverTheSocket() {
    runtime.failNext("Version", RpcStatus.Code.ABORTED, "not now");

    assertFails(
        () -> client.runtime().version(VersionRequest.getDefaultInstance()),
        Code.ABORTED,
        "not now");
  }
}
