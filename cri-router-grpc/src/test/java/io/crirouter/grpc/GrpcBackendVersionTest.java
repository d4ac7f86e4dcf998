package io.crirouter.grpc;

import static io.crirouter.grpc.Rpcs.STATUS;
import static io.crirouter.grpc.Rpcs.VERSION;
import static io.crirouter.grpc.Rpcs.randomBytes;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.crirouter.core.CallMetadata;
import io.crirouter.core.CriMethod;
import io.crirouter.core.CriRequest;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.RpcStatus.Origin;
import io.crirouter.core.RuntimeCall;
import io.crirouter.grpc.HeldBackend.Held;
import io.crirouter.proto.v1.ContainerConfig;
import io.crirouter.proto.v1.CreateContainerRequest;
import io.crirouter.proto.v1.ImageSpec;
import io.crirouter.proto.v1.Mount;
import io.crirouter.proto.v1.PullImageRequest;
import io.crirouter.proto.v1.VersionRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The detection of the runtime's version of CRI. */
class GrpcBackendVersionTest extends VersionFixture {
  private static final CriMethod PULL = CriMethod.of("PullImage");
  private static final CriMethod CREATE = CriMethod.of("CreateContainer");

  @Test
  void theFirstCallAsksForTheVersionAsKubeletsDo() throws Exception {
    serve(runtime, ApiVersion.V1);

    ResponseRecorder first = call();
    Held probe = runtime.next();
    assertThat(probe.request.method()).isEqualTo(VERSION);
    assertThat(VersionRequest.parseFrom(probe.request.message()).getVersion()).isEqualTo("0.1.0");
    ResponseRecorder second = call();
    probe.answer(ByteString.EMPTY);

    runtime.next().answer(randomBytes(1));
    runtime.next().answer(randomBytes(2));
    assertThat(first.message()).isEqualTo(randomBytes(1));
    assertThat(second.message()).isEqualTo(randomBytes(2));

    ResponseRecorder third = call();
    assertThat(runtime.next().request.method()).as("asked once").isEqualTo(STATUS);
    assertThat(third.isClosed()).isFalse();
  }

  @Test
  void aRuntimeOfV1Alpha2GetsCallsOfThatVersion() throws Exception {
    serve(Rpcs.echo(), ApiVersion.V1ALPHA2);

    assertThat(call().message()).isEqualTo(randomBytes(3));
  }

  @Test
  void aRequestIsDowngradedToV1Alpha2() throws Exception {
    serve(Rpcs.echo(), ApiVersion.V1ALPHA2);
    ImageSpec.Builder image = ImageSpec.newBuilder().setImage("busybox");
    PullImageRequest request =
        PullImageRequest.newBuilder()
            .setImage(image.clone().setUserSpecifiedImage("docker.io/busybox"))
            .build();

    ResponseRecorder answer =
        ResponseRecorder.call(backend, CriRequest.of(PULL, request.toByteString()));

    assertThat(PullImageRequest.parseFrom(answer.message()))
        .isEqualTo(PullImageRequest.newBuilder().setImage(image).build());
  }

  @Test
  void aRequestThatV1Alpha2CannotExpressIsRefused() throws Exception {
    serve(Rpcs.echo(), ApiVersion.V1ALPHA2);
    CreateContainerRequest request =
        CreateContainerRequest.newBuilder()
            .setConfig(
                ContainerConfig.newBuilder()
                    .addMounts(
                        Mount.newBuilder().setImage(ImageSpec.newBuilder().setImage("data"))))
            .build();

    ResponseRecorder answer =
        ResponseRecorder.call(backend, CriRequest.of(CREATE, request.toByteString()));

    assertThat(answer.status().code()).isEqualTo(Code.FAILED_PRECONDITION);
    assertThat(answer.status().origin()).isEqualTo(Origin.ROUTER);
  }

  @Test
  void anRpcThatV1Alpha2LacksIsUnimplementedByTheRuntime() throws Exception {
    serve(
        (request, listener) ->
            Rpcs.ending(RpcStatus.of(Code.UNIMPLEMENTED, "unknown method"))
                .start(request, listener),
        ApiVersion.V1ALPHA2);
    backend.close();
    backend = GrpcBackend.builder(socket).apiVersion(ApiVersion.V1ALPHA2).build();

    assertThat(call().status())
        .isEqualTo(RpcStatus.fromRuntime(Code.UNIMPLEMENTED, "unknown method", CallMetadata.EMPTY));
  }

  @Test
  void theUnimplementedOfAServerWithoutCriPasses() throws Exception {
    serve(
        Rpcs.ending(RpcStatus.of(Code.UNIMPLEMENTED, "unknown service")),
        ApiVersion.V1,
        ApiVersion.V1ALPHA2);

    assertThat(call().status())
        .isEqualTo(
            RpcStatus.fromRuntime(Code.UNIMPLEMENTED, "unknown service", CallMetadata.EMPTY));
  }

  @Test
  void afterAnErrorCallsAreSentAndTheVersionIsNotStored() throws Exception {
    serve(runtime, ApiVersion.V1);
    ResponseRecorder first = call();

    runtime.next().listener.onClose(RpcStatus.of(Code.UNKNOWN, "not initialized yet"));

    Held held = runtime.next();
    assertThat(held.request.method()).isEqualTo(STATUS);
    held.answer(ByteString.EMPTY);
    assertThat(first.message()).isEmpty();
    call();
    assertThat(runtime.next().request.method()).as("asked again").isEqualTo(VERSION);
  }

  @Test
  void aCallCancelledWhileItWaitsIsNeverSent() throws Exception {
    serve(runtime, ApiVersion.V1);
    ResponseRecorder answer = new ResponseRecorder();
    RuntimeCall call = backend.start(CriRequest.of(STATUS, ByteString.EMPTY), answer);
    call.request(1);
    Held probe = runtime.next();

    call.cancel("cancelled by the test");

    assertThat(answer.status()).isEqualTo(RpcStatus.of(Code.CANCELLED, "cancelled by the test"));
    ResponseRecorder marker = call();
    probe.answer(ByteString.EMPTY);
    runtime.next().answer(randomBytes(5));
    assertThat(marker.message()).as("the first call that was sent").isEqualTo(randomBytes(5));
    assertThat(runtime.isIdle()).isTrue();
  }

  @Test
  void aCallWhoseTimeRunsOutWhileItWaitsIsNeverSent() throws Exception {
    serve(runtime, ApiVersion.V1);
    ResponseRecorder answer =
        ResponseRecorder.call(
            backend,
            CriRequest.of(STATUS, ByteString.EMPTY)
                .withTimeoutNanos(TimeUnit.MILLISECONDS.toNanos(50)));
    Held probe = runtime.next();

    assertThat(answer.status())
        .isEqualTo(
            RpcStatus.of(
                Code.DEADLINE_EXCEEDED, "Status at unix:" + socket + ": no answer within 50 ms"));
    ResponseRecorder marker = call();
    probe.answer(ByteString.EMPTY);
    runtime.next().answer(randomBytes(5));
    assertThat(marker.message()).isEqualTo(randomBytes(5));
    assertThat(runtime.isIdle()).isTrue();
  }

  @Test
  void theTimeOfACallRunsWhileItWaits() throws Exception {
    serve(runtime, ApiVersion.V1);
    ResponseRecorder.call(
        backend,
        CriRequest.of(STATUS, ByteString.EMPTY).withTimeoutNanos(TimeUnit.SECONDS.toNanos(60)));
    Held probe = runtime.next();
    long start = System.nanoTime();
    Await.until("some time", () -> System.nanoTime() - start > 5_000_000);
    probe.answer(ByteString.EMPTY);

    assertThat(runtime.next().request.timeoutNanos())
        .isLessThan(TimeUnit.SECONDS.toNanos(60) - 5_000_000);
  }

  @Test
  void aRuntimeThatDoesNotAnswerVersionIsUnreachable() throws Exception {
    serve(runtime, ApiVersion.V1);
    backend.close();
    backend = GrpcBackend.builder(socket).connectTimeout(Duration.ofMillis(500)).build();

    ResponseRecorder answer = call();

    assertThat(answer.status())
        .isEqualTo(RpcStatus.unreachable("no answer to Version within 500 ms"));
    assertThat(runtime.next().cancelReason()).isNotEmpty();
  }

  @Test
  void theNumberOfWaitingCallsIsBounded() throws Exception {
    serve(runtime, ApiVersion.V1);
    List<ResponseRecorder> waiting = new ArrayList<>();
    for (int i = 0; i < VersionGate.MAX_WAITING; i++) {
      waiting.add(call());
    }

    ResponseRecorder tooMany = call();

    assertThat(tooMany.status().isUnreachable()).isTrue();
    assertThat(tooMany.status().message()).startsWith("1000 calls are waiting");
    runtime.next().answer(ByteString.EMPTY);
    for (int i = 0; i < waiting.size(); i++) {
      runtime.next().answer(ByteString.EMPTY);
    }
    waiting.forEach(ResponseRecorder::message);
  }

  @Test
  void endedCallsDoNotCountAsWaiting() throws Exception {
    serve(runtime, ApiVersion.V1);
    for (int i = 0; i < VersionGate.MAX_WAITING; i++) {
      backend
          .start(CriRequest.of(STATUS, ByteString.EMPTY), new ResponseRecorder())
          .cancel("cancelled by the test");
    }

    ResponseRecorder answer = call();
    runtime.next().answer(ByteString.EMPTY);

    runtime.next().answer(randomBytes(4));
    assertThat(answer.message()).isEqualTo(randomBytes(4));
  }

  @Test
  void eachConnectionIsAskedForItsVersion() throws Exception {
    serve(Rpcs.echo(), ApiVersion.V1ALPHA2);
    assertThat(call().message()).isEqualTo(randomBytes(3));
    server.close();
    serve(Rpcs.echo(), ApiVersion.V1);
    Await.until("an answer in v1", () -> call().status().isOk());
    server.close();
    serve(Rpcs.echo(), ApiVersion.V1ALPHA2);
    Await.until("an answer in v1alpha2", () -> call().status().isOk());
  }

  @Test
  void aFixedVersionIsNotAskedFor() throws Exception {
    serve(runtime, ApiVersion.V1);
    backend.close();
    backend = GrpcBackend.builder(socket).apiVersion(ApiVersion.V1).build();

    call();

    assertThat(runtime.next().request.method()).isEqualTo(STATUS);
  }
}
