package io.crirouter.grpc;

import static io.crirouter.grpc.Rpcs.EVENTS;
import static io.crirouter.grpc.Rpcs.LIST;
import static io.crirouter.grpc.Rpcs.STATUS;
import static io.crirouter.grpc.Rpcs.randomBytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.crirouter.core.CallMetadata;
import io.crirouter.core.CriRequest;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.RuntimeCall;
import io.crirouter.grpc.HeldBackend.Held;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Messages, headers and statuses between the router and a runtime. */
class GrpcBackendTest extends GrpcBackendFixture {
  @Test
  void messagesOfAllSizesPassUnchanged() throws IOException {
    serve(Rpcs.answering(message -> message.concat(message)));

    for (int size : new int[] {0, 1, 1000, 70_000, 8_000_000}) {
      ByteString message = randomBytes(size);
      assertThat(ResponseRecorder.call(backend, request(STATUS, message)).message())
          .isEqualTo(message.concat(message));
    }
  }

  @Test
  void headersAndTrailersPassBothWaysAndNothingIsAdded() throws IOException {
    CallMetadata metadata =
        CallMetadata.EMPTY
            .with("traceparent", ByteString.copyFromUtf8("00-ab-cd-01"))
            .with("x-raw-bin", randomBytes(33));
    CallMetadata trailers = CallMetadata.EMPTY.with("grpc-status-details-bin", randomBytes(50));
    serve(runtime);
    ResponseRecorder answer =
        ResponseRecorder.call(
            backend, CriRequest.of(EVENTS, ByteString.EMPTY).withMetadata(metadata));
    Held held = runtime.next();

    assertThat(held.request.metadata()).isEqualTo(metadata);
    held.listener.onHeaders(metadata);
    assertThat(answer.headers()).isEqualTo(metadata);
    RpcStatus end = RpcStatus.fromRuntime(Code.NOT_FOUND, "no such thing", trailers);
    held.listener.onClose(end);
    assertThat(answer.status()).isEqualTo(end);
  }

  @Test
  void aStatusWithoutHeadersIsTheRuntimesAndHasNoTransportTrailers() throws IOException {
    RpcStatus end = RpcStatus.fromRuntime(Code.UNAVAILABLE, "busy", CallMetadata.EMPTY);
    serve(Rpcs.ending(end));

    assertThat(ResponseRecorder.call(backend, request(STATUS, ByteString.EMPTY)).status())
        .as("the runtime sent UNAVAILABLE: it is reachable")
        .isEqualTo(end);
  }

  @Test
  void everyStatusOfTheRuntimePassesUnchanged() throws IOException {
    serve(runtime);

    for (Code code : Code.values()) {
      if (code != Code.OK) {
        ResponseRecorder answer = ResponseRecorder.call(backend, request(STATUS, ByteString.EMPTY));
        RpcStatus end = RpcStatus.fromRuntime(code, "%20 ü " + code, CallMetadata.EMPTY);
        runtime.next().listener.onClose(end);
        assertThat(answer.status()).isEqualTo(end);
      }
    }
  }

  @Test
  void aVeryLongErrorPassesAndTheConnectionSurvives() throws IOException {
    RpcStatus end =
        RpcStatus.fromRuntime(
            Code.UNKNOWN,
            "x".repeat(200_000),
            CallMetadata.EMPTY.with("grpc-status-details-bin", randomBytes(200_000)));
    serve(runtime);
    ResponseRecorder other = ResponseRecorder.call(backend, request(STATUS, ByteString.EMPTY));
    Held otherCall = runtime.next();
    ResponseRecorder answer = ResponseRecorder.call(backend, request(STATUS, ByteString.EMPTY));

    runtime.next().listener.onClose(end);

    assertThat(answer.status()).isEqualTo(end);
    otherCall.answer(randomBytes(1));
    assertThat(other.message()).isEqualTo(randomBytes(1));
  }

  @Test
  void anAnswerAboveTheLimitIsRefusedAndOtherCallsGoOn() throws IOException {
    server = CriServer.builder(runtime).socket(socket).start();
    backend =
        GrpcBackend.builder(socket).apiVersion(ApiVersion.V1).maxResponseBytes(1 << 20).build();
    ResponseRecorder other = ResponseRecorder.call(backend, request(STATUS, ByteString.EMPTY));
    Held otherCall = runtime.next();
    ResponseRecorder answer = ResponseRecorder.call(backend, request(LIST, ByteString.EMPTY));

    runtime.next().answer(randomBytes((1 << 20) + 1));

    assertThat(answer.status())
        .isEqualTo(
            RpcStatus.of(
                Code.RESOURCE_EXHAUSTED,
                "ListContainers at unix:"
                    + socket
                    + ": the answer is larger than the limit of 1048576 bytes"));
    otherCall.answer(randomBytes(1 << 20));
    assertThat(other.message()).hasSize(1 << 20);
  }

  @Test
  void aUnaryCallNeedsExactlyOneMessage() throws IOException {
    // A runtime whose unary rpcs are streams on the wire.
    try (MessageCountServer runtime = new MessageCountServer(socket)) {
      backend = GrpcBackend.builder(socket).apiVersion(ApiVersion.V1).build();

      runtime.messages = 2;
      ResponseRecorder two = ResponseRecorder.call(backend, request(STATUS, ByteString.EMPTY));
      assertThat(two.status().code()).isEqualTo(Code.INTERNAL);
      assertThat(two.status().message())
          .isEqualTo("Status at unix:" + socket + ": the runtime sent more than one message");

      runtime.messages = 0;
      ResponseRecorder none = ResponseRecorder.call(backend, request(STATUS, ByteString.EMPTY));
      assertThat(none.status().code()).isEqualTo(Code.INTERNAL);
      assertThat(none.status().message()).contains("without a message");
    }
  }

  @Test
  void aListenerThatThrowsEndsItsCallOnly() throws IOException {
    serve(runtime);
    AtomicInteger closes = new AtomicInteger();
    RuntimeCall call =
        backend.start(
            request(EVENTS, ByteString.EMPTY),
            new ResponseListener() {
              @Override
              public void onMessage(ByteString message) {
                throw new IllegalStateException("a bug");
              }

              @Override
              public void onClose(RpcStatus status) {
                closes.incrementAndGet();
              }
            });
    call.request(1);
    Held held = runtime.next();
    held.listener.onMessage(ByteString.EMPTY);

    assertThat(held.cancelReason()).isNotEmpty();
    ResponseRecorder next = ResponseRecorder.call(backend, request(STATUS, ByteString.EMPTY));
    runtime.next().answer(ByteString.EMPTY);
    assertThat(next.message()).isEmpty();
    assertThat(closes).as("onClose is called").hasValue(1);
  }

  @Test
  void theAddressIsThatOfTheSocket() throws IOException {
    serve(runtime);

    assertThat(backend.address()).isEqualTo("unix:" + socket);
    assertThat(backend).hasToString("GrpcBackend(unix:" + socket + ")");
  }

  @Test
  void aPathThatIsTooLongIsRefusedAtOnce() {
    assertThatThrownBy(() -> GrpcBackend.builder(Path.of("/" + "x".repeat(107))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("more than 107 bytes");
  }

  @Test
  void aClosedBackendIsUnreachable() throws IOException {
    serve(runtime);
    ResponseRecorder running = ResponseRecorder.call(backend, request(STATUS, ByteString.EMPTY));
    runtime.next();

    backend.close();

    RpcStatus closed = RpcStatus.unreachable("the connection was closed on this side");
    assertThat(running.status()).isEqualTo(closed);
    assertThat(ResponseRecorder.call(backend, request(STATUS, ByteString.EMPTY)).status())
        .isEqualTo(closed);
  }
}
