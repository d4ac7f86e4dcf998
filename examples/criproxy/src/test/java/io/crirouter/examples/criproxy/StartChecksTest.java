package io.crirouter.examples.criproxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.grpc.CriServer;
import io.crirouter.testkit.FakeRuntime;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Configurations that cannot work on this machine are refused with exit code 2. */
@Timeout(value = 10, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class StartChecksTest {
  @TempDir private Path folder;
  private final FakeRuntime runtime = FakeRuntime.create("containerd");
  private final StringWriter err = new StringWriter();
  private CriServer containerd;
  private Path listen;

  @BeforeEach
  void startRuntime() throws Exception {
    containerd = runtime.serve(folder.resolve("containerd.sock"));
    listen = folder.resolve("criproxy.sock");
  }

  @AfterEach
  void stopRuntime() {
    containerd.close();
  }

  private void assertRefused(List<String> options, String... reasons) {
    CommandLine commandLine = CriProxy.commandLine();
    commandLine.setErr(new PrintWriter(err, true));
    String[] arguments = new String[options.size() + 1];
    arguments[0] = "run";
    for (int i = 0; i < options.size(); i++) {
      arguments[i + 1] = options.get(i);
    }

    int exit = commandLine.execute(arguments);

    assertThat(err.toString()).contains(reasons);
    assertThat(exit).isEqualTo(2);
    assertThat(runtime.journal().calls()).as("calls to the runtime").isEmpty();
  }

  private void assertRefusedAt(Path socket, String... reasons) {
    assertRefused(List.of("--listen=" + socket, "--connect=" + containerd.socket()), reasons);
  }

  @Test
  void aListenPathWithoutFolder() {
    assertRefusedAt(folder.resolve("no/x.sock"), folder + "/no does not exist");
  }

  @Test
  void anAdminSocketThatIsInUse() {
    for (Path taken : List.of(containerd.socket(), listen)) {
      assertRefused(
          List.of("--listen=" + listen, "--connect=" + containerd.socket(), "--admin=" + taken),
          "--admin: cannot listen on " + taken);
    }
  }

  @Test
  void anAdminSocketThatIsNoSocket() throws Exception {
    Path file = Files.writeString(folder.resolve("criproxy-admin.sock"), "precious");

    assertRefusedAt(listen, "admin.socket: cannot listen on " + file + ": it exists");
  }

  @Test
  void aListenPathInAReadOnlyFolder() {
    assertRefusedAt(Path.of("/proc/x.sock"), "no file can be created in /proc");
  }

  @Test
  void aListenPathThatIsTooLong() {
    assertRefusedAt(folder.resolve("x".repeat(100)), "too long by");
  }

  @Test
  void aListenPathWithSomethingElseAtIt() throws Exception {
    Files.writeString(listen, "precious");
    assertRefusedAt(listen, "no socket; refusing to replace it");
    assertThat(listen).hasContent("precious");
  }

  @Test
  void aListenPathWhoseLockIsAPipe() throws Exception {
    Path lock = folder.resolve("criproxy.sock.lock");
    assertThat(new ProcessBuilder("mkfifo", lock.toString()).start().waitFor()).isZero();

    assertRefusedAt(listen, lock + " is needed as a lock, but is no regular file");
  }

  @Test
  void anUnknownGroup() {
    assertRefused(
        List.of("--listen=" + listen, "--connect=" + containerd.socket(), "--socket-group=no-such"),
        "group 'no-such' does not exist");
  }

  @Test
  void aStateFileThatCannotBeWritten() {
    assertRefused(
        List.of(
            "--listen=" + listen,
            "--connect=" + containerd.socket(),
            "--state-file=" + folder.resolve("no/state")),
        "--state-file",
        folder + "/no does not exist");
  }

  @Test
  void twoRuntimesWithOnePrefix() {
    assertRefused(
        List.of("--listen=" + listen, "--connect=" + containerd.socket() + ",a=vm:/a,b=vm:/b"),
        "a",
        "b",
        "vm__");
  }

  @Test
  void aRuntimeSocketPathThatIsTooLong() {
    assertRefused(
        List.of("--listen=" + listen, "--connect=/" + "x".repeat(200)), "more than 107 bytes");
  }

  @Test
  void listeningOnTheSocketOfARuntime() {
    assertRefusedAt(
        containerd.socket(),
        "the proxy cannot listen where runtime primary does: " + containerd.socket());
  }

  @Test
  void listeningOnTheFutureSocketOfARuntime() {
    assertRefused(
        List.of("--listen=" + listen, "--connect=" + containerd.socket() + ",vm:" + listen),
        "cannot listen where runtime vm does");
  }

  @Test
  void listeningOnTheTargetOfARuntimesLink() throws Exception {
    Path link = Files.createSymbolicLink(folder.resolve("link.sock"), Path.of("criproxy.sock"));

    assertRefused(
        List.of("--listen=" + listen, "--connect=" + containerd.socket() + ",vm:" + link),
        "cannot listen where runtime vm does: " + listen + " is " + link);
  }

  @Test
  void oneSocketForTwoRuntimes() throws Exception {
    Path linked = Files.createSymbolicLink(folder.resolve("linked"), folder);
    Path again = linked.resolve("containerd.sock");
    Path hard = Files.createLink(folder.resolve("hard.sock"), containerd.socket());

    for (Path other : List.of(containerd.socket(), again, hard)) {
      assertRefused(
          List.of("--listen=" + listen, "--connect=" + containerd.socket() + ",vm:" + other),
          "runtimes primary and vm have one socket");
    }
  }
}
