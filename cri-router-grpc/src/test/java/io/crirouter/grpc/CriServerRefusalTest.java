package io.crirouter.grpc;

import static io.crirouter.grpc.Rpcs.LIST;
import static io.crirouter.grpc.Rpcs.VERSION;
import static io.crirouter.grpc.Rpcs.randomBytes;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.crirouter.core.RpcStatus;
import io.crirouter.grpc.HeldBackend.Held;
import io.crirouter.grpc.RawClient.Answer;
import io.grpc.CallOptions;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;
import java.io.IOException;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Calls that a server refuses. */
class CriServerRefusalTest extends CriServerFixture {
  @Test
  void anUnknownRpcIsUnimplementedByName() throws IOException {
    serve(held);

    for (String path :
        List.of("runtime.v1.RuntimeService/Unknown", "runtime.v2.RuntimeService/Version")) {
      Status status =
          client
              .call(
                  RawClient.method(path, MethodType.UNARY),
                  CallOptions.DEFAULT,
                  new Metadata(),
                  randomBytes(100))
              .status();
      assertThat(status.getCode()).isEqualTo(Status.Code.UNIMPLEMENTED);
      assertThat(status.getDescription())
          .isEqualTo(
              "no rpc "
                  + path
                  + " here: the services of runtime.v1 and runtime.v1alpha2 are served");
    }
    assertThat(held.isIdle()).isTrue();
  }

  @Test
  void aServerCanSpeakOneVersionOnly() throws IOException {
    serve(CriServer.builder(Rpcs.echo()).apiVersions(EnumSet.of(ApiVersion.V1ALPHA2)));

    assertThat(client.call(VERSION, ByteString.EMPTY).status().getCode())
        .isEqualTo(Status.Code.UNIMPLEMENTED);
    assertThat(
            client
                .call(
                    RawMethods.of(VERSION, ApiVersion.V1ALPHA2),
                    CallOptions.DEFAULT,
                    new Metadata(),
                    randomBytes(5))
                .message())
        .isEqualTo(randomBytes(5));
  }

  @Test
  void anOversizedRequestIsRefusedAndOtherCallsGoOn() throws IOException {
    serve(held);
    Answer other = client.call(VERSION, ByteString.EMPTY);
    Held otherCall = held.next();

    Status status = client.call(LIST, ByteString.copyFrom(new byte[64 << 20])).status();

    assertThat(status.getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    assertThat(status.getDescription()).contains("16777216", "67108864");
    assertThat(held.isIdle()).isTrue();
    otherCall.answer(randomBytes(3));
    assertThat(other.message()).isEqualTo(randomBytes(3));
  }

  @Test
  void theLimitOnRequestsIsAnOption() throws IOException {
    serve(
        CriServer.builder(Rpcs.echo())
            .limits(ServerLimits.builder().maxRequestBytes(1000).build()));

    assertThat(client.call(LIST, randomBytes(1000)).message()).hasSize(1000);
    assertThat(client.call(LIST, randomBytes(1001)).status().getCode())
        .isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
  }

  @Test
  void aCallWithTwoRequestsIsRefused() throws IOException {
    serve(held);

    Status status = clientStreaming(ByteString.EMPTY, ByteString.EMPTY).status();

    assertThat(status.getCode()).isEqualTo(Status.Code.INTERNAL);
    assertThat(status.getDescription())
        .isEqualTo("Version: the client sent more than one request message");
    assertThat(held.isIdle()).isTrue();
  }

  @Test
  void aCallWithoutRequestIsRefused() throws IOException {
    serve(held);

    Status status = clientStreaming().status();

    assertThat(status.getCode()).isEqualTo(Status.Code.INTERNAL);
    assertThat(status.getDescription()).isEqualTo("Version: the client sent no request message");
    assertThat(held.isIdle()).isTrue();
  }

  private Answer clientStreaming(ByteString... requests) {
    MethodDescriptor<ByteString, ByteString> method =
        RawClient.method("runtime.v1.RuntimeService/Version", MethodType.BIDI_STREAMING);
    return client.call(method, CallOptions.DEFAULT, new Metadata(), requests);
  }

  @Test
  void aBackendThatThrowsEndsItsCallOnly() throws IOException {
    AtomicInteger calls = new AtomicInteger();
    serve(
        (request, listener) -> {
          if (calls.getAndIncrement() == 0) {
            throw new IllegalStateException("a bug");
          }
          return Rpcs.echo().start(request, listener);
        });

    Status status = client.call(VERSION, ByteString.EMPTY).status();

    assertThat(status.getCode()).isEqualTo(Status.Code.INTERNAL);
    assertThat(status.getDescription()).startsWith("Version: internal error: ").contains("a bug");
    assertThat(client.call(VERSION, randomBytes(4)).message()).isEqualTo(randomBytes(4));
  }

  @Test
  void aUnaryCallNeedsExactlyOneMessage() throws IOException {
    serve(held);

    Answer none = client.call(VERSION, ByteString.EMPTY);
    held.next().listener.onClose(RpcStatus.OK);
    assertThat(none.status().getCode()).isEqualTo(Status.Code.INTERNAL);
    assertThat(none.status().getDescription())
        .isEqualTo("Version: the runtime ended the call with OK, but without a message");

    Answer two = client.call(VERSION, ByteString.EMPTY);
    Held call = held.next();
    call.listener.onMessage(ByteString.EMPTY);
    call.listener.onMessage(ByteString.EMPTY);
    assertThat(two.status().getCode()).isEqualTo(Status.Code.INTERNAL);
    assertThat(two.status().getDescription())
        .isEqualTo("Version: the runtime sent more than one message");
    assertThat(call.cancelReason()).contains("more than one message");
    call.listener.onClose(RpcStatus.OK);
  }
}
