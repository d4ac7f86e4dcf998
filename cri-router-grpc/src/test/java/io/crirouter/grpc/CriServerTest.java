package io.crirouter.grpc;

import static io.crirouter.grpc.Rpcs.EVENTS;
import static io.crirouter.grpc.Rpcs.LIST;
import static io.crirouter.grpc.Rpcs.STREAM;
import static io.crirouter.grpc.Rpcs.VERSION;
import static io.crirouter.grpc.Rpcs.randomBytes;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.crirouter.core.CallMetadata;
import io.crirouter.core.CriMethod;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.grpc.HeldBackend.Held;
import io.crirouter.grpc.RawClient.Answer;
import io.grpc.CallOptions;
import io.grpc.Metadata;
import io.grpc.Status;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Calls that a server forwards unchanged. */
class CriServerTest extends CriServerFixture {
  @ParameterizedTest
  @EnumSource
  void everyRpcReachesTheBackendInBothVersions(ApiVersion version) throws IOException {
    serve(held);

    for (CriMethod method : CriMethod.all()) {
      ByteString request = randomBytes(100);
      Answer answer =
          client.call(RawMethods.of(method, version), CallOptions.DEFAULT, new Metadata(), request);
      Held call = held.next();
      assertThat(call.request.method()).isEqualTo(method);
      assertThat(call.request.message()).isEqualTo(request);
      call.answer(randomBytes(200));
      assertThat(answer.message()).isEqualTo(randomBytes(200));
    }
  }

  @Test
  void messagesOfAllSizesPassUnchanged() throws IOException {
    serve(Rpcs.answering(request -> request.concat(request)));

    for (int size : new int[] {0, 1, 1000, 70_000, 5_000_000}) {
      ByteString request = randomBytes(size);
      assertThat(client.call(VERSION, request).message()).isEqualTo(request.concat(request));
    }
  }

  @Test
  void anAnswerOfFortyMebibytesPasses() throws IOException {
    ByteString large = randomBytes(40 << 20);
    serve(Rpcs.answering(request -> large));

    assertThat(client.call(LIST, ByteString.EMPTY).message()).isEqualTo(large);
  }

  @Test
  void compressedRequestsAreAccepted() throws IOException {
    serve(Rpcs.echo());

    Answer answer =
        client.call(
            RawMethods.of(VERSION, ApiVersion.V1),
            CallOptions.DEFAULT.withCompression("gzip"),
            new Metadata(),
            randomBytes(100_000));

    assertThat(answer.message()).isEqualTo(randomBytes(100_000));
  }

  @Test
  void eachMessageOfAStreamIsSentAtOnce() throws IOException {
    serve(held);
    Answer answer = client.call(EVENTS, ByteString.EMPTY);
    Held call = held.next();

    call.listener.onMessage(randomBytes(10));
    Await.until("the first message, while the stream is open", () -> answer.messages.size() == 1);
    call.listener.onMessage(ByteString.EMPTY);
    call.listener.onClose(RpcStatus.OK);

    assertThat(answer.status().isOk()).isTrue();
    assertThat(answer.messages).containsExactly(randomBytes(10), ByteString.EMPTY);
  }

  @Test
  void aStreamWithoutMessagesEndsWithOk() throws IOException {
    serve(Rpcs.ending(RpcStatus.OK));

    assertThat(client.call(STREAM, ByteString.EMPTY).status().isOk()).isTrue();
  }

  @Test
  void responseHeadersAreSentAtOnceWithoutThoseOfTheTransport() throws IOException {
    serve(held);
    Answer answer = client.call(EVENTS, ByteString.EMPTY);

    held.next()
        .listener
        .onHeaders(
            CallMetadata.EMPTY
                .with("x-runtime", ByteString.copyFromUtf8("vm"))
                .with("content-type", ByteString.copyFromUtf8("text/html"))
                .with("x-raw-bin", randomBytes(7)));

    Metadata headers = Await.result(answer.headers);
    assertThat(Headers.fromGrpc(headers))
        .isEqualTo(
            CallMetadata.EMPTY
                .with("x-raw-bin", randomBytes(7))
                .with("x-runtime", ByteString.copyFromUtf8("vm")));
  }

  @Test
  void requestHeadersAreForwardedWithoutThoseOfTheTransport() throws IOException {
    serve(held);
    Metadata headers = new Metadata();
    headers.put(Metadata.Key.of("traceparent", Metadata.ASCII_STRING_MARSHALLER), "00-ab-cd-01");
    headers.put(Metadata.Key.of("x-twice", Metadata.ASCII_STRING_MARSHALLER), "one");
    headers.put(Metadata.Key.of("x-twice", Metadata.ASCII_STRING_MARSHALLER), "two");
    headers.put(
        Metadata.Key.of("grpc-trace-bin", Metadata.BINARY_BYTE_MARSHALLER), new byte[] {0, -1});

    client.call(
        RawMethods.of(VERSION, ApiVersion.V1), CallOptions.DEFAULT, headers, ByteString.EMPTY);

    assertThat(held.next().request.metadata())
        .as("no user-agent, content-type, te, grpc-accept-encoding, :authority")
        .isEqualTo(
            CallMetadata.EMPTY
                .with("grpc-trace-bin", ByteString.copyFrom(new byte[] {0, -1}))
                .with("traceparent", ByteString.copyFromUtf8("00-ab-cd-01"))
                .with("x-twice", ByteString.copyFromUtf8("one"))
                .with("x-twice", ByteString.copyFromUtf8("two")));
  }

  @Test
  void aStatusPassesWithItsMessageAndTrailers() throws IOException {
    CallMetadata trailers =
        CallMetadata.EMPTY
            .with("grpc-status-details-bin", randomBytes(300))
            .with("x-more", ByteString.copyFromUtf8("yes"));
    serve(Rpcs.ending(RpcStatus.fromRuntime(Code.ALREADY_EXISTS, "100 % schön\n", trailers)));

    Answer answer = client.call(VERSION, ByteString.EMPTY);

    assertThat(answer.status().getCode()).isEqualTo(Status.Code.ALREADY_EXISTS);
    assertThat(answer.status().getDescription()).isEqualTo("100 % schön\n");
    assertThat(Headers.fromGrpc(answer.trailers())).isEqualTo(trailers);
  }

  @Test
  void everyStatusCodePasses() throws IOException {
    AtomicReference<Code> next = new AtomicReference<>();
    serve(
        (request, listener) -> Rpcs.ending(RpcStatus.of(next.get(), "x")).start(request, listener));

    for (Code code : Code.values()) {
      if (code != Code.OK) {
        next.set(code);
        Status status = client.call(VERSION, ByteString.EMPTY).status();
        assertThat(status.getCode().value()).isEqualTo(code.number());
      }
    }
  }

  @Test
  void trailersOfAnOkPass() throws IOException {
    CallMetadata trailers = CallMetadata.EMPTY.with("x-cost", ByteString.copyFromUtf8("3"));
    serve(held);
    Answer answer = client.call(VERSION, ByteString.EMPTY);
    Held call = held.next();

    call.listener.onMessage(ByteString.EMPTY);
    call.listener.onClose(RpcStatus.fromRuntime(Code.OK, "", trailers));

    assertThat(answer.message()).isEmpty();
    assertThat(Headers.fromGrpc(answer.trailers())).isEqualTo(trailers);
  }

  @Test
  void everyAuthorityIsAccepted() throws IOException {
    serve(Rpcs.echo());

    for (String authority : List.of("localhost", "%2Frun%2Fcri.sock", "a.b:1")) {
      try (RawClient odd = new RawClient(server.socket(), authority)) {
        assertThat(odd.call(VERSION, randomBytes(2)).message()).isEqualTo(randomBytes(2));
      }
    }
  }
}
