package io.crirouter.testkit;

import static io.crirouter.testkit.GrpcAssertions.assertFails;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crirouter.grpc.CriServer;
import io.crirouter.proto.v1.ListPodSandboxRequest;
import io.crirouter.proto.v1.VersionRequest;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SlowLinkTest {
  private static final int PIECES = 20;
  private static final Duration PAUSE = Duration.ofMillis(5);

  @TempDir private Path folder;

  private Path real() {
    return folder.resolve("real.sock");
  }

  private Path slow() {
    return folder.resolve("slow.sock");
  }

  @Test
  void responsesAreCompleteWithOneBytePieces() throws Exception {
    FakeRuntime runtime = FakeRuntime.create("vm");
    try (CriServer server = runtime.serve(real());
        SlowLink link = SlowLink.open(slow(), server.socket());
        CriClient client = CriClient.connect(link.socket())) {
      link.throttle(1, Duration.ZERO);

      assertThat(client.runtime().version(VersionRequest.getDefaultInstance()).getRuntimeName())
          .isEqualTo("vm");
      Requests.runPod(client, "web");
      assertThat(
              client
                  .runtime()
                  .listPodSandbox(ListPodSandboxRequest.getDefaultInstance())
                  .getItemsList())
          .isEqualTo(runtime.pods());
    }
    assertThat(slow()).doesNotExist();
  }

  @Test
  void onlyResponsesAreThrottled() throws Exception {
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(real()));
      try (SlowLink link = SlowLink.open(slow(), real());
          SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(slow()));
          SocketChannel accepted = server.accept()) {
        link.throttle(1, PAUSE);
        assertThat(accepted.write(ByteBuffer.allocate(PIECES))).isEqualTo(PIECES);

        long begin = System.nanoTime();
        readAll(client);
        assertThat(Duration.ofNanos(System.nanoTime() - begin))
            .isGreaterThanOrEqualTo(PAUSE.multipliedBy(PIECES / 2));
        link.throttle(1, Duration.ofDays(1));
        client.write(ByteBuffer.allocate(PIECES));
        readAll(accepted);
      }
    }
  }

  private static void readAll(SocketChannel from) throws Exception {
    ByteBuffer read = ByteBuffer.allocate(PIECES);
    while (read.hasRemaining()) {
      assertThat(from.read(read)).isPositive();
    }
  }

  @Test
  void aClientIsDisconnectedIfTheTargetDoesNotListen() throws Exception {
    try (SlowLink link = SlowLink.open(slow(), real());
        CriClient client = CriClient.connect(link.socket())) {
      assertFails(
          () -> client.runtime().version(VersionRequest.getDefaultInstance()), Code.UNAVAILABLE);
    }
  }

  @Test
  void closingEndsConnectionsAndRemovesTheSocket() throws Exception {
    try (CriServer server = FakeRuntime.create("vm").serve(real());
        CriClient client = CriClient.connect(slow())) {
      SlowLink link = SlowLink.open(slow(), server.socket());
      client.runtime().version(VersionRequest.getDefaultInstance());

      link.close();
      link.close();

      assertThat(Files.exists(slow())).isFalse();
      // The code depends on whether gRPC has noticed the end of the connection.
      assertThatThrownBy(() -> client.runtime().version(VersionRequest.getDefaultInstance()))
          .isInstanceOf(StatusRuntimeException.class);
    }
  }

  @Test
  void pieceSizesMustBePositive() throws Exception {
    try (SlowLink link = SlowLink.open(slow(), real())) {
      assertThatIllegalArgumentException().isThrownBy(() -> link.throttle(0, Duration.ZERO));
    }
  }
}
