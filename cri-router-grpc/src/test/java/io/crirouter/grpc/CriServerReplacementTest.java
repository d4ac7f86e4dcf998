package io.crirouter.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A server at a path where there is a file, a socket or another server. */
class CriServerReplacementTest extends NamedServerFixture {
  @Test
  void aFileThatIsNoSocketIsNotReplaced() throws IOException {
    Files.writeString(socket, "content");

    assertThatThrownBy(() -> serve("a"))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "cannot listen on " + socket + ": it exists and is no socket; refusing to replace it");
    assertThat(socket).hasContent("content");
  }

  @Test
  void aSymbolicLinkIsNotReplaced() throws IOException {
    Path elsewhere = folder.resolve("elsewhere.sock");
    Files.createSymbolicLink(socket, elsewhere);

    assertThatThrownBy(() -> serve("a"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("refusing to replace");
    assertThat(Files.isSymbolicLink(socket)).isTrue();
  }

  @Test
  void aLiveServerIsNotReplaced() throws IOException {
    try (CriServer first = serve("first")) {
      assertThatThrownBy(() -> serve("second"))
          .isInstanceOf(IOException.class)
          .hasMessage(
              "cannot listen on " + socket + ": another server is listening there; stop it first");
      assertThat(serverName()).isEqualTo("first");
      assertThat(leftOver()).containsExactly("cri.sock");
    }
  }

  @Test
  void aBusyServerOfAnotherKindIsNotReplaced() throws IOException {
    try (ServerSocketChannel other = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      other.bind(UnixDomainSocketAddress.of(socket), 1);
      List<SocketChannel> waiting = new CopyOnWriteArrayList<>();
      for (int i = 0; i < 5; i++) {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        channel.configureBlocking(false);
        connectQuietly(channel);
        waiting.add(channel);
      }

      assertThatThrownBy(() -> serve("a"))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("listening there");
      for (SocketChannel channel : waiting) {
        channel.close();
      }
    }
  }

  @CanIgnoreReturnValue
  private boolean connectQuietly(SocketChannel channel) {
    try {
      return channel.connect(UnixDomainSocketAddress.of(socket));
    } catch (IOException e) {
      return false;
    }
  }

  @Test
  void aStaleSocketIsReplaced() throws IOException {
    try (ServerSocketChannel dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      dead.bind(UnixDomainSocketAddress.of(socket));
    }
    assertThat(Files.exists(socket)).isTrue();

    try (CriServer server = serve("new")) {
      assertThat(serverName()).isEqualTo("new");
    }
  }

  @Test
  void aServerMayTakeOverFromALiveOne() throws IOException {
    try (CriServer old = serve("old");
        RawClient oldClient = new RawClient(socket)) {
      assertThat(serverName(oldClient)).isEqualTo("old");
      try (CriServer successor = builder("new").takeOver(true).start()) {
        assertThat(serverName()).as("new connections").isEqualTo("new");
        assertThat(serverName(oldClient)).as("connections from before").isEqualTo("old");

        old.close();
        assertThat(serverName()).as("the old server leaves the new socket alone").isEqualTo("new");
      }
      assertThat(leftOver()).isEmpty();
    }
  }

  @Test
  void aTakeoverLeavesNoMomentWithoutASocket() throws Exception {
    AtomicBoolean done = new AtomicBoolean();
    try (CriServer old = serve("old")) {
      CompletableFuture<Integer> failures = CompletableFuture.supplyAsync(() -> connectUntil(done));
      CriServer last = old;
      for (int i = 0; i < 20; i++) {
        CriServer next = builder("new").takeOver(true).start();
        last.close();
        last = next;
      }
      done.set(true);
      assertThat(Await.result(failures)).isZero();
      last.close();
    }
  }

  private int connectUntil(AtomicBoolean done) {
    int failures = 0;
    while (!done.get()) {
      try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
        channel.connect(UnixDomainSocketAddress.of(socket));
      } catch (IOException e) {
        failures++;
      }
    }
    return failures;
  }

  @Test
  void onlyOneOfManyServersStarts() {
    List<CriServer> winners = new CopyOnWriteArrayList<>();
    List<CompletableFuture<Void>> starters =
        IntStream.range(0, 8)
            .mapToObj(
                i ->
                    CompletableFuture.runAsync(
                        () -> {
                          try {
                            winners.add(serve("starter"));
                          } catch (IOException e) {
                            assertThat(e).hasMessageContaining("listening there");
                          }
                        }))
            .toList();
    starters.forEach(Await::result);

    assertThat(winners).hasSize(1);
    assertThat(serverName()).isEqualTo("starter");
    winners.forEach(CriServer::close);
  }

  @Test
  void aClosedServerRemovesItsSocketUnlessItIsReplaced() throws IOException {
    serve("a").close();
    assertThat(Files.exists(socket, LinkOption.NOFOLLOW_LINKS)).isFalse();

    CriServer server = serve("b");
    Files.delete(socket);
    Files.writeString(socket, "another file");
    server.close();
    assertThat(socket).hasContent("another file");

    Files.delete(socket);
    CriServer third = serve("c");
    Files.delete(socket);
    third.close();
    assertThat(leftOver()).isEmpty();
  }

  @Test
  void theSocketCanBeUsedAgainAtOnce() throws IOException {
    for (int i = 0; i < 5; i++) {
      String name = "server " + i;
      try (CriServer server = serve(name)) {
        assertThat(serverName()).isEqualTo(name);
      }
    }
  }
}
