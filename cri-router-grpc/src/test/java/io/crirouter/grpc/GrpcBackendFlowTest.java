package io.crirouter.grpc;

import static io.crirouter.grpc.Rpcs.EVENTS;
import static io.crirouter.grpc.Rpcs.STATUS;
import static io.crirouter.grpc.Rpcs.STREAM;
import static io.crirouter.grpc.Rpcs.randomBytes;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.crirouter.core.CriRequest;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.RuntimeCall;
import io.crirouter.grpc.HeldBackend.Held;
import io.grpc.Context;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Time limits, cancellation and flow control at a backend. */
class GrpcBackendFlowTest extends GrpcBackendFixture {
  @Test
  void messagesOfAStreamAreDeliveredAsRequested() throws IOException {
    serve(runtime);
    ResponseRecorder answer = new ResponseRecorder();
    RuntimeCall call = backend.start(request(EVENTS, ByteString.EMPTY), answer);
    Held held = runtime.next();
    for (int i = 0; i < 5; i++) {
      held.listener.onMessage(randomBytes(i));
    }
    held.listener.onClose(RpcStatus.OK);

    call.request(2);
    Await.until("two messages", () -> answer.messages().size() == 2);
    assertThat(answer.isClosed()).isFalse();
    call.request(1);
    Await.until("three messages", () -> answer.messages().size() == 3);
    call.request(100);
    assertThat(answer.status().isOk()).isTrue();
    assertThat(answer.messages()).hasSize(5).last().isEqualTo(randomBytes(4));
  }

  @Test
  void theTimeLimitIsForwardedAndEndsTheCall() throws IOException {
    serve(runtime);

    ResponseRecorder answer =
        ResponseRecorder.call(backend, within(Duration.ofMillis(500), STATUS));

    Held held = runtime.next();
    assertThat(held.request.timeoutNanos()).isBetween(1L, TimeUnit.MILLISECONDS.toNanos(500));
    assertThat(answer.status())
        .isEqualTo(
            RpcStatus.of(
                Code.DEADLINE_EXCEEDED, "Status at unix:" + socket + ": no answer within 500 ms"));
    assertThat(held.cancelReason()).isNotEmpty();
  }

  @Test
  void aCallWithoutTimeLimitHasNone() throws IOException {
    serve(runtime);

    ResponseRecorder.call(backend, request(STATUS, ByteString.EMPTY));

    assertThat(runtime.next().request.timeoutNanos()).isEqualTo(CriRequest.NO_TIMEOUT);
  }

  @Test
  void aCallWhoseTimeIsOverIsNotSent() throws IOException {
    serve(runtime);

    assertThat(ResponseRecorder.call(backend, within(Duration.ZERO, STATUS)).status().code())
        .isEqualTo(Code.DEADLINE_EXCEEDED);
    assertThat(runtime.isIdle()).isTrue();
  }

  @Test
  void cancellationReachesTheRuntime() throws IOException {
    serve(runtime);
    ResponseRecorder answer = new ResponseRecorder();
    RuntimeCall call = backend.start(request(STATUS, ByteString.EMPTY), answer);
    call.request(1);
    Held held = runtime.next();

    call.cancel("not needed any more");
    call.cancel("cancelled again");

    assertThat(answer.status()).isEqualTo(RpcStatus.of(Code.CANCELLED, "not needed any more"));
    assertThat(held.cancelReason()).isEqualTo("the client gave up");
    call.cancel("after the end");
    call.request(1);
  }

  @Test
  void theContextOfTheCallerIsIgnored() throws Exception {
    serve(runtime);
    Context.CancellableContext callers = Context.current().withCancellation();
    ResponseRecorder answer =
        callers.call(() -> ResponseRecorder.call(backend, request(STATUS, ByteString.EMPTY)));
    Held held = runtime.next();

    callers.cancel(new IllegalStateException("some other call was cancelled"));

    held.answer(randomBytes(6));
    assertThat(answer.message()).isEqualTo(randomBytes(6));
  }

  @Test
  void aStalledStreamDoesNotDelayOtherCalls() throws IOException {
    ByteString message = randomBytes(100_000);
    serve(
        (call, listener) -> {
          if (!call.method().serverStreaming()) {
            return Rpcs.echo().start(call, listener);
          }
          return new RuntimeCall() {
            @Override
            public void request(int count) {
              listener.onMessage(message);
            }

            @Override
            public void cancel(String reason) {}
          };
        });
    for (int i = 0; i < 5; i++) {
      ResponseRecorder stalled = new ResponseRecorder();
      RuntimeCall stream = backend.start(request(STREAM, ByteString.EMPTY), stalled);
      stream.request(1);
      Await.until("the first message", () -> stalled.messages().size() == 1);
    }

    assertThat(ResponseRecorder.call(backend, request(STATUS, randomBytes(9_000_000))).message())
        .hasSize(9_000_000);
  }

  @Test
  void manyCallsAtOnceGetTheirOwnAnswers() throws IOException {
    serve(Rpcs.echo());

    List<ResponseRecorder> answers =
        IntStream.range(0, 500)
            .mapToObj(i -> ResponseRecorder.call(backend, request(STATUS, randomBytes(i))))
            .toList();

    for (int i = 0; i < answers.size(); i++) {
      assertThat(answers.get(i).message()).isEqualTo(randomBytes(i));
    }
  }
}
