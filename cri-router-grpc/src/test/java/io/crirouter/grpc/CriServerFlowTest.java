package io.crirouter.grpc;

import static io.crirouter.grpc.Rpcs.STREAM;
import static io.crirouter.grpc.Rpcs.VERSION;
import static io.crirouter.grpc.Rpcs.randomBytes;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.crirouter.core.CriRequest;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.RuntimeCall;
import io.crirouter.grpc.HeldBackend.Held;
import io.crirouter.grpc.RawClient.Answer;
import io.grpc.CallOptions;
import io.grpc.Metadata;
import io.grpc.Status;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Deadlines, cancellation and flow control at a server. */
class CriServerFlowTest extends CriServerFixture {
  @Test
  void theDeadlineReachesTheBackend() throws IOException {
    serve(held);
    client.call(
        RawMethods.of(VERSION, ApiVersion.V1),
        CallOptions.DEFAULT.withDeadlineAfter(30, TimeUnit.SECONDS),
        new Metadata(),
        ByteString.EMPTY);
    client.call(VERSION, ByteString.EMPTY);

    assertThat(Duration.ofNanos(held.next().request.timeoutNanos()))
        .isBetween(Duration.ofSeconds(10), Duration.ofSeconds(30));
    assertThat(held.next().request.timeoutNanos()).isEqualTo(CriRequest.NO_TIMEOUT);
  }

  @Test
  void aDeadlineThatPassesCancelsTheBackendsCall() throws IOException {
    serve(held);
    Answer answer =
        client.call(
            RawMethods.of(VERSION, ApiVersion.V1),
            CallOptions.DEFAULT.withDeadlineAfter(500, TimeUnit.MILLISECONDS),
            new Metadata(),
            ByteString.EMPTY);

    assertThat(held.next().cancelReason()).isNotEmpty();
    assertThat(answer.status().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
  }

  @Test
  void cancellationByTheClientReachesTheBackend() throws IOException {
    serve(held);
    Answer answer = client.call(VERSION, ByteString.EMPTY);
    Held call = held.next();

    answer.call.cancel("cancelled by the test", null);

    assertThat(call.cancelReason()).isEqualTo("the client gave up");
    call.listener.onMessage(ByteString.EMPTY);
    call.listener.onClose(RpcStatus.of(Code.CANCELLED, "cancelled"));
    assertThat(client.call(VERSION, ByteString.EMPTY).isClosed()).isFalse();
    held.next().answer(ByteString.EMPTY);
  }

  @Test
  void aLostConnectionCancelsItsCalls() throws IOException {
    serve(held);
    Held call;
    try (RawHttp2Client wire = RawHttp2Client.connect(server.socket())) {
      wire.sendCall("/runtime.v1.RuntimeService/Version", new byte[0]);
      call = held.next();
      assertThat(call.cancelled).isNotDone();
    }

    assertThat(call.cancelReason()).isEqualTo("the client gave up");
  }

  @Test
  void aUnaryAnswerIsRequestedOnce() throws IOException {
    serve(held);
    Answer answer = client.call(VERSION, ByteString.EMPTY);
    Held call = held.next();

    Await.until("the demand", () -> call.requested.get() > 0);
    call.answer(ByteString.EMPTY);

    assertThat(answer.message()).isEmpty();
    assertThat(call.requested).hasValue(1);
  }

  @Test
  void aSlowReaderSlowsItsStreamAndNoOtherCall() throws IOException {
    MessageSource source = new MessageSource(10_000, randomBytes(10_000));
    serve(
        (request, listener) ->
            request.method().serverStreaming()
                ? source.start(listener)
                : Rpcs.echo().start(request, listener));

    Answer answer =
        client.open(
            RawMethods.of(STREAM, ApiVersion.V1),
            CallOptions.DEFAULT,
            new Metadata(),
            ByteString.EMPTY);
    for (int requested = 0; requested < 10; requested++) {
      int expected = requested + 1;
      answer.call.request(1);
      Await.until("the next message", () -> answer.messages.size() == expected);
      assertThat(client.call(VERSION, randomBytes(2_000_000)).message())
          .as("other calls on the connection")
          .hasSize(2_000_000);
    }

    assertThat(source.maxOutstanding).as("requested one by one").hasValue(1);
    assertThat(source.sent.get())
        .as("no more than the windows of HTTP/2")
        .isBetween(10, 10 + (4 << 20) / 10_000);

    answer.call.request(Integer.MAX_VALUE);
    assertThat(answer.status().isOk()).isTrue();
    assertThat(answer.messages).hasSize(10_000);
    assertThat(source.maxOutstanding).hasValue(1);
  }

  /** Sends each requested message at once, on the requesting thread. */
  private static final class MessageSource implements RuntimeCall {
    final AtomicInteger outstanding = new AtomicInteger();
    final AtomicInteger maxOutstanding = new AtomicInteger();
    final AtomicInteger sent = new AtomicInteger();
    private final int total;
    private final ByteString message;
    private ResponseListener listener;

    MessageSource(int total, ByteString message) {
      this.total = total;
      this.message = message;
    }

    RuntimeCall start(ResponseListener receiver) {
      listener = receiver;
      return this;
    }

    @Override
    public void request(int count) {
      maxOutstanding.accumulateAndGet(outstanding.addAndGet(count), Math::max);
      for (int i = 0; i < count; i++) {
        outstanding.decrementAndGet();
        int number = sent.incrementAndGet();
        if (number <= total) {
          listener.onMessage(message);
        }
        if (number == total) {
          listener.onClose(RpcStatus.OK);
        }
      }
    }

    @Override
    public void cancel(String reason) {}
  }
}
