package io.crirouter.grpc;

import static io.crirouter.grpc.Rpcs.LIST;
import static io.crirouter.grpc.Rpcs.VERSION;
import static io.crirouter.grpc.Rpcs.randomBytes;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.core.RuntimeCall;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The statistics of a server. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ServerStatisticsTest extends CriServerFixture {
  private static final ByteString LARGE = randomBytes(1 << 20);
  private static final RuntimeBackend VERBOSE =
      (request, listener) -> {
        listener.onMessage(LARGE);
        listener.onClose(RpcStatus.OK);
        return RuntimeCall.ENDED;
      };

  @Test
  void callsUnderWayAreReported() throws Exception {
    HeldBackend slow = new HeldBackend();
    serve(slow, ServerLimits.builder());

    client.open(VERSION, randomBytes(100_000));
    HeldBackend.Held held = slow.next();

    ServerStatistics busy = server.statistics();
    assertThat(busy.connections()).isOne();
    assertThat(busy.calls()).isOne();
    assertThat(busy.requestBytes()).isBetween(100_000L, 120_000L);
    held.answer(randomBytes(3));
    Await.until("the end of the call", () -> server.statistics().requestBytes() == 0);
    Await.until("its end in the list", () -> server.statistics().calls() == 0);
    assertThat(server.statistics().callsRefused()).isZero();
  }

  @Test
  void refusedCallsAreCounted() throws Exception {
    serve(VERBOSE, ServerLimits.builder().unreadBytes(4 << 20, 64 << 20));

    for (int i = 0; i < 100; i++) {
      client.open(LIST, ByteString.EMPTY);
    }

    Await.until("refusals", () -> server.statistics().callsRefused() >= 90);
    assertThat(server.statistics().unreadBytes()).isBetween(1L << 20, 5L << 20);
    assertThat(server.statistics().connectionsClosed()).isZero();
  }

  @Test
  void closedAndRefusedConnectionsAreCounted() throws Exception {
    HeldBackend slow = new HeldBackend();
    serve(slow, ServerLimits.builder().connections(2));
    client.open(VERSION, ByteString.EMPTY);
    slow.next();
    try (RawClient idle = new RawClient(server.socket());
        RawClient third = new RawClient(server.socket());
        RawClient fourth = new RawClient(server.socket())) {
      idle.open(VERSION, ByteString.EMPTY);
      slow.next().answer(randomBytes(3));
      Await.until("an idle connection", () -> server.statistics().calls() == 1);

      third.open(VERSION, ByteString.EMPTY);
      Await.until("a closed one", () -> server.statistics().connectionsClosed() == 1);
      slow.next();
      fourth.open(VERSION, ByteString.EMPTY);

      Await.until("a refused one", () -> server.statistics().connectionsRefused() >= 1);
      assertThat(server.statistics().connections()).isEqualTo(2);
    }
  }
}
