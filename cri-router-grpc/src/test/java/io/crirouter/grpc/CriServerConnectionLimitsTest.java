package io.crirouter.grpc;

import static io.crirouter.grpc.Rpcs.EVENTS;
import static io.crirouter.grpc.Rpcs.VERSION;
import static io.crirouter.grpc.Rpcs.randomBytes;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.crirouter.core.RpcStatus;
import io.crirouter.grpc.RawClient.Answer;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Limits on connections, and on the resets of calls. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class CriServerConnectionLimitsTest extends CriServerFixture {
  private SocketChannel connect() throws IOException {
    SocketChannel socket = SocketChannel.open(StandardProtocolFamily.UNIX);
    socket.connect(UnixDomainSocketAddress.of(server.socket()));
    return socket;
  }

  private static void awaitEnd(SocketChannel socket) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(1000);
    while (socket.read(buffer.clear()) >= 0) {
      // The server's settings.
    }
  }

  @Test
  void aClientThatResetsTooManyCallsIsDisconnected() throws IOException {
    serve(held, ServerLimits.builder().resets(100, Duration.ofSeconds(10)));
    try (RawHttp2Client wire = RawHttp2Client.connect(server.socket())) {
      sendAndReset(wire, 100, 1);
      wire.sendCall(201, "/runtime.v1.RuntimeService/Status", new byte[0]);
      Await.until("the last call", () -> held.next().request.method().equals(Rpcs.STATUS));

      sendAndReset(wire, 1, 203);

      assertThat(wire.awaitEnd()).as("ENHANCE_YOUR_CALM").isEqualTo(11);
    }
  }

  private static void sendAndReset(RawHttp2Client wire, int count, int firstStream)
      throws IOException {
    for (int i = 0; i < count; i++) {
      int stream = firstStream + 2 * i;
      wire.sendCall(stream, "/runtime.v1.RuntimeService/Version", new byte[0]);
      wire.sendReset(stream);
    }
  }

  @Test
  void anIdleConnectionIsClosed() throws IOException {
    serve(Rpcs.echo(), ServerLimits.builder().idleTimeout(Duration.ofMillis(100)));
    try (RawHttp2Client wire = RawHttp2Client.connect(server.socket())) {
      assertThat(wire.awaitEnd()).as("NO_ERROR").isZero();
    }
  }

  @Test
  void aConnectionWithACallIsNotClosed() throws IOException {
    serve(held, ServerLimits.builder().idleTimeout(Duration.ofMillis(100)));
    Answer events = client.call(EVENTS, ByteString.EMPTY);
    HeldBackend.Held call = held.next();
    try (RawHttp2Client wire = RawHttp2Client.connect(server.socket())) {
      wire.awaitEnd();
    }

    call.listener.onMessage(randomBytes(3));
    call.listener.onClose(RpcStatus.OK);

    assertThat(events.message()).isEqualTo(randomBytes(3));
  }

  @Test
  void aConnectionWithoutAHandshakeIsClosed() throws IOException {
    serve(Rpcs.echo(), ServerLimits.builder().handshakeTimeout(Duration.ofMillis(100)));
    try (SocketChannel silent = connect()) {
      awaitEnd(silent);
    }
  }

  @Test
  void idleConnectionsAreClosedForNewOnes() throws IOException {
    serve(held, ServerLimits.builder().connections(3));
    Answer busy = client.call(VERSION, ByteString.EMPTY);
    HeldBackend.Held call = held.next();
    try (SocketChannel first = connect();
        SocketChannel second = connect();
        RawClient third = new RawClient(server.socket())) {
      Answer late = third.call(VERSION, ByteString.EMPTY);
      held.next().answer(randomBytes(4));
      assertThat(late.message()).isEqualTo(randomBytes(4));
      awaitEnd(first);

      call.answer(randomBytes(3));
      assertThat(busy.message()).isEqualTo(randomBytes(3));
      assertThat(second.isOpen()).isTrue();
    }
  }

  @Test
  void connectionsThatNeverHadACallAreClosedFirst() throws IOException {
    serve(Rpcs.echo(), ServerLimits.builder().connections(2));
    try (RawHttp2Client wire = RawHttp2Client.connect(server.socket())) {
      wire.sendCall("/runtime.v1.RuntimeService/Version", new byte[0]);
      wire.awaitEndOfCall();
      for (int i = 0; i < 10; i++) {
        try (SocketChannel silent = connect();
            SocketChannel another = connect()) {
          awaitEnd(silent);
          assertThat(another.isOpen()).isTrue();
        }
      }
      wire.sendCall(3, "/runtime.v1.RuntimeService/Version", new byte[0]);
      wire.awaitEndOfCall();
    }
  }

  @Test
  void aNewConnectionIsClosedIfAllOthersHaveCalls() throws IOException {
    serve(held, ServerLimits.builder().connections(1));
    Answer busy = client.call(VERSION, ByteString.EMPTY);
    HeldBackend.Held call = held.next();
    try (SocketChannel surplus = connect()) {
      awaitEnd(surplus);
    }
    call.answer(randomBytes(3));
    assertThat(busy.message()).isEqualTo(randomBytes(3));
  }
}
