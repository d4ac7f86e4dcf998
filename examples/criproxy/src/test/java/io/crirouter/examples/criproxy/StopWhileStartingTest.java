package io.crirouter.examples.criproxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.grpc.CriServer;
import io.crirouter.testkit.FakeRuntime;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** SIGTERM before the proxy listens. */
@Timeout(60)
class StopWhileStartingTest {
  @TempDir private Path folder;
  private final FakeRuntime runtime = FakeRuntime.create("containerd");
  private CriServer containerd;
  private Path socket;

  @BeforeEach
  void startRuntime() throws Exception {
    containerd = runtime.serve(folder.resolve("containerd.sock"));
    socket = folder.resolve("criproxy.sock");
  }

  @AfterEach
  void stopRuntime() {
    containerd.close();
  }

  private ProxyProcess start() throws Exception {
    return ProxyProcess.run("--listen=" + socket, "--connect=" + containerd.socket());
  }

  @Test
  void aStopDoesNotWaitForAHungRuntime() throws Exception {
    runtime.hang("Version");
    try (ProxyProcess proxy = start()) {
      runtime.journal().takeCall("Version");

      proxy.terminate();

      assertThat(proxy.awaitExit()).isZero();
      assertThat(proxy.output()).contains("stopping before listening").endsWith("stopped\n");
      assertThat(socket).doesNotExist();
    }
  }

  @Test
  void aStopDoesNotWaitForTheLockOfTheSocket() throws Exception {
    Path file = folder.resolve("criproxy.sock.lock");
    try (FileChannel channel =
            FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = channel.lock();
        ProxyProcess proxy = start()) {
      assertThat(proxy.until("is ready")).isNotEmpty();

      proxy.terminate();

      assertThat(proxy.awaitExit()).isZero();
      assertThat(lock.isValid()).isTrue();
      assertThat(proxy.output())
          .contains("stopping")
          .as("it did not wait until it gave the lock up")
          .doesNotContain("another server holds")
          .doesNotContain("listening on");
    }
  }
}
