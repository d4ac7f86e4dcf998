package io.crirouter.grpc;

import static io.crirouter.grpc.Rpcs.VERSION;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.protobuf.ByteString;
import io.crirouter.core.CriRequest;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.core.RuntimeCall;
import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Which users may connect. */
class CriServerPeersTest extends CriServerFixture {
  private static final int NOBODY = 65534;

  /** A program that prints whether the server sends something or closes the connection. */
  private static final String PROBE =
      """
      import java.net.*;
      import java.nio.*;
      import java.nio.channels.*;

      public class Probe {
        public static void main(String[] args) throws Exception {
          try (SocketChannel socket = SocketChannel.open(UnixDomainSocketAddress.of(args[0]))) {
            socket.write(ByteBuffer.wrap("PRI * HTTP/2.0\\r\\n\\r\\nSM\\r\\n\\r\\n".getBytes()));
            socket.write(ByteBuffer.wrap(new byte[] {0, 0, 0, 4, 0, 0, 0, 0, 0}));
            System.out.println(socket.read(ByteBuffer.allocate(9)) > 0 ? "served" : "refused");
          } catch (java.io.IOException e) {
            System.out.println("refused");
          }
        }
      }
      """;

  private int ownUid() throws IOException {
    return (int) Files.getAttribute(folder, "unix:uid");
  }

  private CriServer.Builder worldWritableSocket() {
    return CriServer.builder(CriServerPeersTest::answerNothing)
        .socketMode(PosixFilePermissions.fromString("rw-rw-rw-"));
  }

  private static RuntimeCall answerNothing(CriRequest request, ResponseListener listener) {
    listener.onMessage(ByteString.EMPTY);
    listener.onClose(RpcStatus.OK);
    return RuntimeCall.ENDED;
  }

  private Status version() {
    return client.call(VERSION, ByteString.EMPTY).status();
  }

  /** The output of {@link #PROBE} run by user {@code uid}. */
  private String connectAs(int uid) throws IOException, InterruptedException {
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    Path probe = Files.writeString(folder.resolve("Probe.java"), PROBE);
    Files.setPosixFilePermissions(probe, PosixFilePermissions.fromString("rw-r--r--"));
    Process process =
        new ProcessBuilder(
                "setpriv",
                "--reuid=" + uid,
                "--regid=" + uid,
                "--clear-groups",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                probe.toString(),
                server.socket().toString())
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    return output.strip();
  }

  private static boolean canChangeUsers() {
    return Files.isExecutable(Path.of("/usr/bin/setpriv"));
  }

  @Test
  void aListedUserIsServed() throws IOException {
    serve(worldWritableSocket().allowedUids(ownUid(), NOBODY));

    assertThat(version().isOk()).isTrue();
  }

  @Test
  void anyOtherUserIsRefusedAndLoggedAtABoundedRate() throws IOException {
    try (CapturedLog log = CapturedLog.capture()) {
      serve(worldWritableSocket().allowedUids(ownUid() + 1));
      for (int i = 0; i < 30; i++) {
        try (RawClient other = new RawClient(server.socket())) {
          assertThat(other.call(VERSION, ByteString.EMPTY).status().getCode())
              .isEqualTo(Status.Code.UNAVAILABLE);
        }
      }

      List<String> lines =
          log.all().stream().filter(line -> line.contains("refused a connection")).toList();
      assertThat(lines).hasSizeBetween(1, LogRate.BURST + 1);
      assertThat(lines.get(0))
          .startsWith("WARNING io.crirouter.grpc.PeerCheck refused a connection to ")
          .contains(server.socket() + " of process " + ProcessHandle.current().pid())
          .contains("with uid " + ownUid() + ": only uid " + (ownUid() + 1) + " may connect");
    }
  }

  @Test
  void refusedConnectionsDoNotCountAgainstTheLimit() throws IOException {
    serve(
        worldWritableSocket()
            .limits(ServerLimits.builder().connections(1).build())
            .allowedUids(ownUid() + 1));

    for (int i = 0; i < 3; i++) {
      assertThat(version().getDescription()).doesNotContain("too many connections");
    }
  }

  @Test
  void theKernelTellsTheUserOfAnotherProcess() throws Exception {
    assumeTrue(ownUid() == 0 && canChangeUsers(), "only root can run a process as another user");
    serve(worldWritableSocket().allowedUids(NOBODY));

    assertThat(connectAs(NOBODY)).isEqualTo("served");
    assertThat(connectAs(NOBODY - 1)).isEqualTo("refused");
    assertThat(connectAs(0)).isEqualTo("refused");
  }

  @Test
  void withoutAListEveryUserWhomTheFilePermitsIsServed() throws Exception {
    assumeTrue(ownUid() == 0 && canChangeUsers(), "only root can run a process as another user");
    serve(worldWritableSocket());

    assertThat(connectAs(NOBODY)).isEqualTo("served");
  }

  @Test
  void anEmptyListOfUsersIsRefused() {
    RuntimeBackend backend = CriServerPeersTest::answerNothing;

    assertThatThrownBy(() -> CriServer.builder(backend).allowedUids())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at least one user id");
  }
}
