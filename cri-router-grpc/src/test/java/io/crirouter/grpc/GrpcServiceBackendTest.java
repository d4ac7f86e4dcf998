package io.crirouter.grpc;

import static io.crirouter.grpc.Rpcs.EVENTS;
import static io.crirouter.grpc.Rpcs.VERSION;
import static io.crirouter.grpc.Services.runtimeNamed;
import static io.crirouter.grpc.Services.service;
import static io.crirouter.grpc.Services.version;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.crirouter.core.CallMetadata;
import io.crirouter.core.CriMethod;
import io.crirouter.core.CriRequest;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.RpcStatus.Origin;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.proto.v1.ImageSpec;
import io.crirouter.proto.v1.PullImageRequest;
import io.crirouter.proto.v1.PullImageResponse;
import io.crirouter.proto.v1.VersionResponse;
import io.grpc.BindableService;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Calls to services in this process. */
class GrpcServiceBackendTest extends GrpcServiceBackendFixture {
  private static final CriMethod PULL = CriMethod.of("PullImage");

  @TempDir private Path folder;

  @Test
  void aUnaryRpcIsAnswered() throws Exception {
    RuntimeBackend backend =
        backend(
            version(
                (request, observer) -> {
                  observer.onNext(runtimeNamed("vm for " + request.getVersion()));
                  observer.onCompleted();
                }));

    ResponseRecorder answer = ResponseRecorder.call(backend, versionRequest());

    assertThat(VersionResponse.parseFrom(answer.message()).getRuntimeName()).isEqualTo("vm for v");
    assertThat(answer.status().origin()).isEqualTo(Origin.RUNTIME);
  }

  @Test
  void aServiceCanBeServedOnASocket() throws Exception {
    RuntimeBackend backend =
        backend(
            version(
                (request, observer) -> {
                  observer.onNext(runtimeNamed("vm"));
                  observer.onCompleted();
                }));

    try (CriServer server = CriServer.builder(backend).socket(folder.resolve("vm.sock")).start();
        RawClient client = new RawClient(server.socket())) {
      assertThat(
              VersionResponse.parseFrom(client.call(VERSION, ByteString.EMPTY).message())
                  .getRuntimeName())
          .isEqualTo("vm");
    }
  }

  @Test
  void statusMessageAndTrailersPass() {
    Metadata trailers =
        Headers.toGrpc(
            CallMetadata.EMPTY.with("grpc-status-details-bin", ByteString.copyFromUtf8("d")));
    RuntimeBackend backend =
        backend(
            version(
                (request, observer) ->
                    observer.onError(
                        Status.NOT_FOUND.withDescription("gone").asRuntimeException(trailers))));

    assertThat(ResponseRecorder.call(backend, versionRequest()).status())
        .isEqualTo(RpcStatus.fromRuntime(Code.NOT_FOUND, "gone", Headers.fromGrpc(trailers)));
  }

  @Test
  void headersPassBothWaysAndInterceptorsWork() {
    Metadata.Key<String> key = Metadata.Key.of("x-id", Metadata.ASCII_STRING_MARSHALLER);
    ServerInterceptor echo =
        new ServerInterceptor() {
          @Override
          public <Q, A> ServerCall.Listener<Q> interceptCall(
              ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
            Metadata answer = new Metadata();
            answer.put(key, headers.get(key) + "!");
            call.sendHeaders(answer);
            call.close(Status.ABORTED, new Metadata());
            return new ServerCall.Listener<>() {};
          }
        };
    RuntimeBackend backend =
        builder()
            .service(ServerInterceptors.intercept(version((request, observer) -> {}), echo))
            .build();
    CallMetadata sent = CallMetadata.EMPTY.with("x-id", ByteString.copyFromUtf8("7"));

    ResponseRecorder answer =
        ResponseRecorder.call(backend, CriRequest.of(VERSION, ByteString.EMPTY).withMetadata(sent));

    assertThat(answer.headers())
        .isEqualTo(CallMetadata.EMPTY.with("x-id", ByteString.copyFromUtf8("7!")));
    assertThat(answer.status().code()).isEqualTo(Code.ABORTED);
  }

  @Test
  void anRpcWithoutServiceIsUnimplemented() {
    RuntimeBackend backend = backend(version((request, observer) -> {}));

    ResponseRecorder answer =
        ResponseRecorder.call(backend, CriRequest.of(EVENTS, ByteString.EMPTY));

    assertThat(answer.status().code()).isEqualTo(Code.UNIMPLEMENTED);
    assertThat(answer.status().origin()).isEqualTo(Origin.RUNTIME);
    assertThat(answer.status().message()).isEqualTo("the VMs has no GetContainerEvents");
  }

  @Test
  void aMalformedRequestIsAnInvalidArgument() {
    RuntimeBackend backend = backend(version((request, observer) -> {}));

    ResponseRecorder answer =
        ResponseRecorder.call(
            backend, CriRequest.of(VERSION, ByteString.copyFrom(new byte[] {10, 99})));

    assertThat(answer.status().code()).isEqualTo(Code.INVALID_ARGUMENT);
    assertThat(answer.status().message()).startsWith("malformed Version request to the VMs: ");
  }

  @Test
  void aServiceThatThrowsEndsItsCall() {
    RuntimeBackend backend =
        backend(
            version(
                (request, observer) -> {
                  throw new IllegalStateException("a bug");
                }));

    for (int i = 0; i < 3; i++) {
      ResponseRecorder answer = ResponseRecorder.call(backend, versionRequest());
      assertThat(answer.status().code()).isEqualTo(Code.INTERNAL);
      assertThat(answer.status().message())
          .startsWith("Version failed at the VMs: ")
          .contains("a bug");
    }
  }

  @Test
  void aUnaryAnswerWithoutMessageIsAnError() {
    RuntimeBackend backend = backend(version((request, observer) -> observer.onCompleted()));

    assertThat(ResponseRecorder.call(backend, versionRequest()).status().code())
        .isEqualTo(Code.INTERNAL);
  }

  @Test
  void aStoppedExecutorMakesTheRuntimeUnreachable() {
    RuntimeBackend backend = backend(version((request, observer) -> {}));
    executor.shutdown();

    assertThat(ResponseRecorder.call(backend, versionRequest()).status())
        .isEqualTo(RpcStatus.unreachable("the VMs takes no more calls: its executor refuses them"));
  }

  @Test
  void aV1Alpha2ServiceGetsDowngradedRequests() throws Exception {
    CompletableFuture<PullImageRequest> seen = new CompletableFuture<>();
    ServerCalls.UnaryMethod<PullImageRequest, PullImageResponse> pull =
        (PullImageRequest request, StreamObserver<PullImageResponse> observer) -> {
          seen.complete(request);
          observer.onNext(PullImageResponse.newBuilder().setImageRef("sha256:1").build());
          observer.onCompleted();
        };
    RuntimeBackend backend =
        backend(
            service(
                "runtime.v1alpha2.ImageService/PullImage",
                MethodType.UNARY,
                PullImageRequest.getDefaultInstance(),
                PullImageResponse.getDefaultInstance(),
                ServerCalls.asyncUnaryCall(pull)));
    ImageSpec.Builder image =
        ImageSpec.newBuilder().setImage("busybox").putAllAnnotations(Map.of("a", "b"));
    PullImageRequest request =
        PullImageRequest.newBuilder()
            .setImage(image.clone().setUserSpecifiedImage("docker.io/busybox"))
            .build();

    ResponseRecorder answer =
        ResponseRecorder.call(backend, CriRequest.of(PULL, request.toByteString()));

    assertThat(PullImageResponse.parseFrom(answer.message()).getImageRef()).isEqualTo("sha256:1");
    assertThat(Await.result(seen)).isEqualTo(PullImageRequest.newBuilder().setImage(image).build());
  }

  @Test
  void aServiceOutsideCriIsRefused() {
    BindableService health = () -> ServerServiceDefinition.builder("grpc.health.v1.Health").build();

    assertThatThrownBy(() -> backend(health))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'grpc.health.v1.Health' is no service of CRI")
        .hasMessageContaining("runtime.v1.RuntimeService");
  }

  @Test
  void toStringNamesTheAddressAndTheServices() {
    RuntimeBackend backend = backend(version((request, observer) -> {}));

    assertThat(backend).hasToString("GrpcServiceBackend(the VMs, runtime.v1.RuntimeService)");
    assertThat(backend.address()).isEqualTo("the VMs");
  }

  @Test
  void anIncompleteBackendIsNotBuilt() {
    BindableService version = version((request, observer) -> {});

    assertThatThrownBy(() -> GrpcServiceBackend.builder().direct().build())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("runtime.v1.RuntimeService");
    assertThatThrownBy(() -> GrpcServiceBackend.builder().service(version).build())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("executor(...)");
    assertThatThrownBy(() -> backend(version, version))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("there is a service runtime.v1.RuntimeService already");
  }
}
