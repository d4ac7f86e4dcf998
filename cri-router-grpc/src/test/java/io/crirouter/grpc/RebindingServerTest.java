package io.crirouter.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.util.concurrent.Uninterruptibles;
import io.crirouter.grpc.RebindingServer.BoundServer;
import io.grpc.Server;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A stop while a deleted socket is bound again. */
class RebindingServerTest {
  /** A server without connections. */
  private static final class IdleServer extends Server {
    private final CountDownLatch down = new CountDownLatch(1);

    @Override
    public Server start() {
      return this;
    }

    @Override
    public Server shutdown() {
      down.countDown();
      return this;
    }

    @Override
    public Server shutdownNow() {
      return shutdown();
    }

    @Override
    public boolean isShutdown() {
      return down.getCount() == 0;
    }

    @Override
    public boolean isTerminated() {
      return isShutdown();
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
      return down.await(timeout, unit);
    }

    @Override
    public void awaitTermination() throws InterruptedException {
      down.await();
    }
  }

  private final IdleServer first = new IdleServer();
  private final IdleServer second = new IdleServer();
  private final Queue<IdleServer> servers = new ArrayDeque<>(List.of(first, second));
  private final CountDownLatch binding = new CountDownLatch(1);
  private final CountDownLatch proceed = new CountDownLatch(1);

  @TempDir private Path folder;

  private BoundServer bind() throws IOException {
    IdleServer server = servers.remove();
    if (server == second) {
      binding.countDown();
      Uninterruptibles.awaitUninterruptibly(proceed);
    }
    Path socket = Files.createFile(folder.resolve("cri.sock"));
    return new BoundServer(server, PublishedSocket.of(socket, socket));
  }

  @Test
  void aStopWaitsForTheSocketThatIsBeingBoundAndRemovesIt() throws Exception {
    try (EventLoops loops = EventLoops.create()) {
      RebindingServer server = RebindingServer.start(this::bind, loops);
      Files.delete(server.path());
      binding.await();

      server.shutdown();

      assertThat(server.awaitTermination(Duration.ofMillis(1))).isFalse();
      proceed.countDown();
      assertThat(server.awaitTermination(Duration.ofSeconds(30))).isTrue();
      assertThat(folder.resolve("cri.sock")).doesNotExist();
      assertThat(second.isShutdown()).isTrue();
    }
  }
}
