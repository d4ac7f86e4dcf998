package io.crirouter.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class PathLockTest {
  @TempDir private Path folder;

  /** A program that holds the lock of {@code args[0]} until its input ends. */
  static final class Holder {
    private Holder() {}

    public static void main(String[] args) throws IOException {
      try (FileChannel file =
              FileChannel.open(
                  Path.of(args[0] + ".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
          FileLock lock = file.lock()) {
        System.out.println(lock.isValid());
        System.out.flush();
        while (System.in.read() >= 0) {}
      }
    }
  }

  @Test
  void onlyOneHoldsTheLockInThisProcess() throws IOException {
    Path socket = folder.resolve("a.sock");
    try (PathLock held = PathLock.acquire(socket)) {
      assertThat(held).isNotNull();
      assertThat(PathLock.tryAcquire(socket)).isNull();
      try (PathLock other = PathLock.tryAcquire(folder.resolve("b.sock"))) {
        assertThat(other).as("the lock of another path").isNotNull();
      }
    }
    try (PathLock again = PathLock.tryAcquire(socket)) {
      assertThat(again).isNotNull();
    }
  }

  @Test
  @Timeout(30)
  void theLockExcludesOtherProcesses() throws Exception {
    Path socket = folder.resolve("a.sock");
    Process holder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Holder.class.getName(),
                socket.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try {
      assertThat(holder.inputReader().readLine()).isEqualTo("true");

      assertThat(PathLock.tryAcquire(socket)).isNull();
      holder.getOutputStream().close();
      try (PathLock lock = PathLock.acquire(socket)) {
        assertThat(lock).as("free after its holder has ended").isNotNull();
      }
      assertThat(holder.waitFor(10, TimeUnit.SECONDS)).isTrue();
    } finally {
      holder.destroyForcibly();
    }
  }

  @Test
  void aLinkIsNotFollowed() throws IOException {
    Path socket = folder.resolve("a.sock");
    Path victim = Files.writeString(folder.resolve("victim"), "content");
    Path absent = folder.resolve("absent");
    for (Path target : List.of(victim, absent)) {
      Path link = Files.createSymbolicLink(folder.resolve("a.sock.lock"), target);

      assertThatThrownBy(() -> PathLock.tryAcquire(socket))
          .isInstanceOf(IOException.class)
          .hasMessage(
              "cannot listen on "
                  + socket
                  + ": "
                  + link
                  + " is no regular file; refusing to open it");
      Files.delete(link);
    }
    assertThat(victim).hasContent("content");
    assertThat(absent).doesNotExist();
    try (PathLock lock = PathLock.tryAcquire(socket)) {
      assertThat(lock).as("nothing is held by a refused attempt").isNotNull();
    }
  }

  @Test
  @Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void aFifoIsNotOpened() throws Exception {
    Path socket = folder.resolve("a.sock");
    Process mkfifo = new ProcessBuilder("mkfifo", folder.resolve("a.sock.lock").toString()).start();
    assertThat(mkfifo.waitFor()).isZero();

    assertThatThrownBy(() -> PathLock.tryAcquire(socket))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("is no regular file");
  }
}
