package io.crirouter.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;

/** The path, the mode and the group of a socket. */
class CriServerSocketTest extends NamedServerFixture {
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
}
