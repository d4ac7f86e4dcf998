package io.crirouter.grpc;

import static io.crirouter.grpc.Rpcs.VERSION;
import static io.crirouter.grpc.Rpcs.randomBytes;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.crirouter.grpc.HeldBackend.Held;
import io.crirouter.grpc.RawClient.Answer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;

/** A server whose socket is deleted or replaced. */
class CriServerRebindTest extends CriServerFixture {
  private String serverName() {
    try (RawClient other = new RawClient(server.socket())) {
      return other.call(VERSION, ByteString.EMPTY).message().toStringUtf8();
    }
  }

  private static CriServer.Builder named(String name) {
    return CriServer.builder(Rpcs.answering(request -> ByteString.copyFromUtf8(name)));
  }

  private static Object inode(Path path) {
    try {
      return Files.getAttribute(path, "unix:ino");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void aDeletedSocketIsBoundAgain() throws IOException {
    serve(named("a").socketMode(PosixFilePermissions.fromString("rw-rw-rw-")));
    for (int i = 0; i < 2; i++) {
      Files.delete(server.socket());

      Await.until("the socket", () -> Files.exists(server.socket()));
      assertThat(serverName()).isEqualTo("a");
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(server.socket())))
          .isEqualTo("rw-rw-rw-");
    }
    Path socket = server.socket();
    server.close();
    assertThat(socket).doesNotExist();
  }

  @Test
  void callsUnderWayContinue() throws IOException {
    serve(held);
    Answer answer = client.call(VERSION, ByteString.EMPTY);
    Held call = held.next();
    Files.delete(server.socket());
    Await.until("the socket", () -> Files.exists(server.socket()));

    call.answer(randomBytes(5));

    assertThat(answer.message()).isEqualTo(randomBytes(5));
  }

  @Test
  void theSocketIsBoundAgainInARecreatedFolder() throws IOException {
    Path gone = Files.createDirectory(folder.resolve("run"));
    server = named("a").socket(gone.resolve("cri.sock")).start();
    Files.delete(gone.resolve("cri.sock"));
    Files.delete(gone.resolve("cri.sock.lock"));
    Files.delete(gone);
    Files.createDirectory(gone);

    Await.until("the socket", () -> Files.exists(server.socket()));

    assertThat(serverName()).isEqualTo("a");
  }

  @Test
  void theSocketOfASuccessorThatWasKilledIsTakenBack() throws IOException {
    serve(named("old"));
    Path bound = folder.resolve("dead");
    try (ServerSocketChannel killed = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      killed.bind(UnixDomainSocketAddress.of(bound));
    }
    Files.move(bound, server.socket(), StandardCopyOption.ATOMIC_MOVE);
    Object dead = inode(server.socket());

    Await.until("the socket", () -> !inode(server.socket()).equals(dead));

    assertThat(serverName()).isEqualTo("old");
  }

  @Test
  void theSocketOfALiveSuccessorIsNotReplaced() throws IOException {
    serve(named("old"));
    Path socket = server.socket();
    try (CriServer successor = named("new").socket(socket).takeOver(true).start()) {
      long start = System.nanoTime();
      Await.until("two checks", () -> System.nanoTime() - start > 2_500_000_000L);
      assertThat(serverName()).isEqualTo("new");
      successor.close();
      Await.until("two more checks", () -> System.nanoTime() - start > 5_000_000_000L);
      assertThat(socket).doesNotExist();
    }
  }
}
