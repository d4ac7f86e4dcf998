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
import org.junit.jupiter.api.Test;

/** How a server ends. */
class CriServerShutdownTest extends CriServerFixture {
  @Test
  void runningCallsMayFinishWhenTheServerStops() throws Exception {
    serve(held);
    Answer unary = client.call(VERSION, ByteString.EMPTY);
    Held unaryCall = held.next();
    Answer events = client.call(EVENTS, ByteString.EMPTY);
    Held eventCall = held.next();

    server.shutdown(Duration.ofSeconds(20));

    assertThat(events.status().getCode())
        .as("event streams would never finish")
        .isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(eventCall.cancelReason()).isEqualTo("the CRI server is stopping");
    assertThat(unary.isClosed()).isFalse();
    assertThat(server.awaitTermination(Duration.ofMillis(10))).isFalse();
    unaryCall.answer(randomBytes(9));
    assertThat(unary.message()).isEqualTo(randomBytes(9));
    assertThat(server.awaitTermination(Duration.ofSeconds(10))).isTrue();
  }

  @Test
  void callsAreCutOffWhenTheGraceIsOver() throws Exception {
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
