package io.crirouter.testkit;

import static io.crirouter.testkit.GrpcAssertions.assertFails;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.protobuf.ByteString;
import io.crirouter.core.CallMetadata;
import io.crirouter.core.CriRequest;
import io.crirouter.core.RpcStatus;
import io.crirouter.proto.v1.ContainerEventResponse;
import io.crirouter.proto.v1.RuntimeServiceGrpc;
import io.crirouter.proto.v1.StreamPodSandboxesRequest;
import io.crirouter.proto.v1.StreamPodSandboxesResponse;
import io.crirouter.proto.v1.VersionRequest;
import io.crirouter.proto.v1.VersionResponse;
import io.grpc.Metadata;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class CriClientTest {
  private static final Metadata.Key<String> TRACE =
      Metadata.Key.of("traceparent", Metadata.ASCII_STRING_MARSHALLER);
  private static final Metadata.Key<byte[]> DETAILS =
      Metadata.Key.of("details-bin", Metadata.BINARY_BYTE_MARSHALLER);

  private final FakeRuntime runtime = FakeRuntime.named("vm").chunkSize(1).build();
  private final CriClient client = CriClient.of(runtime);

  @Test
  void blockingStubsReadStreamsCompletely() {
    Requests.runPod(client, "a");
    Requests.runPod(client, "b");

    Iterator<StreamPodSandboxesResponse> chunks =
        client.runtime().streamPodSandboxes(StreamPodSandboxesRequest.getDefaultInstance());

    List<StreamPodSandboxesResponse> all = new ArrayList<>();
    chunks.forEachRemaining(all::add);
    assertThat(all).hasSize(2);
  }

  @Test
  void asynchronousStubsWorkOnTheSameChannel() {
    CompletableFuture<VersionResponse> answer = new CompletableFuture<>();

    RuntimeServiceGrpc.newStub(client.channel())
        .version(
            VersionRequest.getDefaultInstance(),
            new StreamObserver<>() {
              @Override
              public void onNext(VersionResponse value) {
                answer.complete(value);
              }

              @Override
              public void onError(Throwable t) {
                answer.completeExceptionally(t);
              }

              @Override
              public void onCompleted() {}
            });

    assertThat(answer.join().getRuntimeName()).isEqualTo("vm");
  }

  @Test
  void headersReachTheBackendAndTrailersTheClient() {
    Metadata headers = new Metadata();
    headers.put(TRACE, "00-1-2-01");
    headers.put(DETAILS, new byte[] {1, -1});
    byte[] details = {5, -5};
    runtime.failNext(
        "Version",
        RpcStatus.fromRuntime(
            RpcStatus.Code.ABORTED,
            "later",
            CallMetadata.EMPTY.with("details-bin", ByteString.copyFrom(details))));

    assertThatExceptionOfType(StatusRuntimeException.class)
        .isThrownBy(
            () ->
                client
                    .runtime()
                    .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
                    .version(VersionRequest.getDefaultInstance()))
        .satisfies(e -> assertThat(e.getTrailers().get(DETAILS)).isEqualTo(details));

    assertThat(runtime.journal().takeCall().metadata().entries())
        .contains(
            new CallMetadata.Entry("traceparent", ByteString.copyFromUtf8("00-1-2-01")),
            new CallMetadata.Entry("details-bin", ByteString.copyFrom(new byte[] {1, -1})));
  }

  @Test
  void theDefaultTimeoutIsNotPartOfTheRequest() {
    client.runtime().version(VersionRequest.getDefaultInstance());

    assertThat(runtime.journal().takeCall().timeoutNanos()).isEqualTo(CriRequest.NO_TIMEOUT);
  }

  @Test
  void aDeadlineIsPartOfTheRequest() {
    client
        .runtime()
        .withDeadlineAfter(5, TimeUnit.SECONDS)
        .version(VersionRequest.getDefaultInstance());
    client
        .withDeadline(Duration.ofSeconds(5))
        .runtime()
        .version(VersionRequest.getDefaultInstance());

    assertThat(runtime.journal().calls())
        .hasSize(2)
        .allSatisfy(
            call ->
                assertThat(Duration.ofNanos(call.timeoutNanos()))
                    .isBetween(Duration.ofSeconds(1), Duration.ofSeconds(5)));
  }

  @Test
  void aDeadlineIsInRealTimeEvenIfTheClockOfTheBackendIsSimulated() {
    FakeRuntime still = FakeRuntime.named("still").scheduler(new ManualScheduler()).build();
    still.hang();

    assertFails(
        () ->
            CriClient.of(still)
                .withDeadline(Duration.ofMillis(50))
                .runtime()
                .version(VersionRequest.getDefaultInstance()),
        Code.DEADLINE_EXCEEDED,
        "still");
    assertThat(still.journal().takeCall().awaitStatus().code()).isEqualTo(RpcStatus.Code.CANCELLED);
  }

  @Test
  void aMessageThatCannotBeParsedEndsTheCall() {
    runtime.respondWithBytes("Version", ByteString.copyFrom(new byte[] {0x0a, 0x7f}));

    assertFails(() -> client.runtime().version(VersionRequest.getDefaultInstance()), Code.INTERNAL);
  }

  @Test
  void aFailureOfAStreamNamesTheStatus() {
    runtime.failNext("GetContainerEvents", RpcStatus.Code.ABORTED, "no events today");

    try (ResponseStream<ContainerEventResponse> events = client.events()) {
      assertThatExceptionOfType(AssertionError.class)
          .isThrownBy(events::next)
          .withMessageContaining("GetContainerEvents")
          .withMessageContaining("no events today");
      assertThatExceptionOfType(AssertionError.class)
          .isThrownBy(events::rest)
          .withMessageContaining("ABORTED");
    }
  }

  @Test
  void aClosedStreamCancelsItsCall() {
    client.events().close();

    assertThat(runtime.journal().takeCall("GetContainerEvents").awaitStatus().code())
        .isEqualTo(RpcStatus.Code.CANCELLED);
  }

  @Test
  void anotherVersionOfCriHasAnotherServiceName() {
    assertThat(
            client
                .speaking("v1alpha2")
                .runtime()
                .version(VersionRequest.getDefaultInstance())
                .getRuntimeName())
        .isEqualTo("vm");
  }
}
