package io.crirouter.grpc;

import static io.crirouter.grpc.Rpcs.EVENTS;
import static io.crirouter.grpc.Rpcs.VERSION;
import static io.crirouter.grpc.Rpcs.randomBytes;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.crirouter.grpc.HeldBackend.Held;
import io.crirouter.grpc.RawClient.Answer;
import io.grpc.Status;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** The shutdown of a server. */
class CriServerShutdownTest extends CriServerFixture {
  private static final Duration LIMIT = Duration.ofSeconds(10);

  @Test
  void runningCallsMayFinishWhenTheServerStops() throws Exception {
    serve(held);
    Answer unary = client.call(VERSION, ByteString.EMPTY);
    Held unaryCall = held.next();
    Answer events = client.call(EVENTS, ByteString.EMPTY);
    Held eventCall = held.next();

    server.shutdown(Duration.ofSeconds(20));

    assertThat(events.status().getCode())
        .as("event streams do not end by themselves")
        .isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(eventCall.cancelReason()).isEqualTo("the CRI server is stopping");
    assertThat(unary.isClosed()).isFalse();
    assertThat(server.awaitTermination(Duration.ofMillis(10))).isFalse();
    unaryCall.answer(randomBytes(9));
    assertThat(unary.message()).isEqualTo(randomBytes(9));
    assertThat(server.awaitTermination(Duration.ofSeconds(10))).isTrue();
  }

  @Test
  void endOfCallsWaitsForTheCallsUnderWayOnly() throws Exception {
    serve(held);
    Answer before = client.call(VERSION, ByteString.EMPTY);
    Held callBefore = held.next();
    client.call(EVENTS, ByteString.EMPTY);
    held.next();

    CompletableFuture<Void> end = server.endOfCalls().toCompletableFuture();
    Answer after = client.call(VERSION, ByteString.EMPTY);
    Held callAfter = held.next();

    assertThat(end).isNotDone();
    callBefore.answer(randomBytes(9));
    assertThat(before.message()).isEqualTo(randomBytes(9));
    assertThat(end).as("neither streams nor later calls count").succeedsWithin(LIMIT);
    callAfter.answer(randomBytes(7));
    assertThat(after.message()).isEqualTo(randomBytes(7));
    assertThat(server.endOfCalls()).succeedsWithin(LIMIT);
  }

  @Test
  void callsAreAbortedAfterTheGracePeriod() throws Exception {
    serve(held);
    Answer answer = client.call(VERSION, ByteString.EMPTY);
    Held call = held.next();

    server.shutdown(Duration.ofMillis(20));

    assertThat(answer.status().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(answer.status().getDescription()).isEqualTo("the CRI server is stopping");
    assertThat(call.cancelReason()).isEqualTo("the CRI server is stopping");
    assertThat(server.awaitTermination(Duration.ofSeconds(10))).isTrue();
    server.close();
    server.close();
  }

  @Test
  void aSecondShutdownCanShortenTheGrace() throws Exception {
    serve(held);
    Answer answer = client.call(VERSION, ByteString.EMPTY);
    held.next();

    server.shutdown(Duration.ofHours(1));
    server.shutdown(Duration.ZERO);

    assertThat(answer.status().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
  }
}
