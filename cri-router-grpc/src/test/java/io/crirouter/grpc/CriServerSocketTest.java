package io.crirouter.grpc;

import static io.crirouter.grpc.Rpcs.VERSION;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import com.google.protobuf.ByteString;
import io.crirouter.core.RuntimeBackend;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CriServerSocketTest {
  @TempDir private Path folder;
  private Path socket;

  @BeforeEach
  void name() {
    socket = folder.resolve("cri.sock");
  }

  private CriServer serve(String name) throws IOException {
    return builder(name).start();
  }

  private CriServer.Builder builder(String name) {
    return CriServer.builder(named(name)).socket(socket);
  }

  private static RuntimeBackend named(String name) {
    return Rpcs.answering(request -> ByteString.copyFromUtf8(name));
  }

  private String serverName() {
    try (RawClient client = new RawClient(socket)) {
      return serverName(client);
    }
  }

  private static String serverName(RawClient client) {
    return client.call(VERSION, ByteString.EMPTY).message().toStringUtf8();
  }

  @Test
  void onlyTheOwnerMayConnectByDefault() throws IOException {
    try (CriServer server = serve("a")) {
      assertThat(mode(server.socket())).isEqualTo("rw-------");
    }
  }

  @Test
  void theGroupMayConnectIfThereIsOne() throws IOException {
    try (CriServer server = builder("a").socketGroup("nogroup").start()) {
      assertThat(mode(server.socket())).isEqualTo("rw-rw----");
      assertThat(Files.getAttribute(socket, "posix:group")).hasToString("nogroup");
    }
  }

  @Test
  void theModeIsAnOption() throws IOException {
    try (CriServer server =
        builder("a").socketMode(PosixFilePermissions.fromString("rw-rw-rw-")).start()) {
      assertThat(mode(server.socket())).isEqualTo("rw-rw-rw-");
    }
  }

  private static String mode(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  @Test
  void anUnknownGroupIsRefusedAndLeavesNoFile() {
    assertThatThrownBy(() -> builder("a").socketGroup("no-such-group").start())
        .isInstanceOf(IOException.class)
        .hasMessage("the socket's group 'no-such-group' does not exist on this machine");
    assertThat(leftOver()).isEmpty();
  }

  @Test
  void nothingButTheSocketAndItsLockIsInTheFolder() throws IOException {
    try (CriServer server = serve("a")) {
      assertThat(leftOver()).containsExactly("cri.sock");
      assertThat(server).asString().startsWith("CriServer(unix:" + socket + " -> ");
    }
    assertThat(leftOver()).isEmpty();
  }

  /** The files in the folder, except the lock, which stays. */
  private List<String> leftOver() {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> !name.equals("cri.sock.lock"))
          .toList();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aServerWithoutSocketIsRefused() {
    assertThatThrownBy(() -> CriServer.builder(named("a")).start())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("socket(Path)");
  }

  @Test
  void aMissingFolderIsRefused() {
    socket = folder.resolve("none/cri.sock");

    assertThatThrownBy(() -> serve("a"))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "cannot listen on "
                + socket
                + ": the folder "
                + folder.resolve("none")
                + " does not exist; create it first");
  }

  @Test
  void aPathThatIsTooLongIsRefused() throws IOException {
    socket = folder.resolve("x".repeat(107 - folder.toString().length()));
    assertThatThrownBy(() -> serve("a"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("too long by 1 bytes")
        .hasMessageContaining("can have 107");

    socket = folder.resolve("x".repeat(106 - folder.toString().length()));
    try (CriServer server = serve("longest")) {
      assertThat(server.socket().toString()).hasSize(107);
      assertThat(serverName()).isEqualTo("longest");
    }
  }

  @Test
  void aFolderWithoutRoomForTheTemporaryNameIsRefused() throws IOException {
    Path deep = folder.resolve("d".repeat(97 - folder.toString().length()));
    Files.createDirectory(deep);
    socket = deep.resolve("s");

    assertThatThrownBy(() -> serve("a"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("too long by 1 bytes")
        .hasMessageContaining("its folder's 97");
  }

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
