package io.crirouter.grpc;

import static io.crirouter.grpc.Rpcs.STATUS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.crirouter.core.Cancellable;
import io.crirouter.core.CriRequest;
import io.crirouter.core.Scheduler;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventLoopsTest {
  @TempDir private Path folder;

  private static Set<Thread> routerThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("cri-router-"))
        .collect(Collectors.toSet());
  }

  private static void awaitThreads(Set<Thread> expected) {
    Await.until("the end of threads", () -> expected.containsAll(routerThreads()));
  }

  @Test
  void itsThreadsAreDaemonsWithAName() throws Exception {
    try (EventLoops loops = EventLoops.create(1)) {
      CompletableFuture<Thread> thread = new CompletableFuture<>();
      loops.scheduler().schedule(Duration.ZERO, () -> thread.complete(Thread.currentThread()));

      assertThat(Await.result(thread).getName()).matches("cri-router-io-\\d+");
      assertThat(Await.result(thread).isDaemon()).isTrue();
      assertThat(loops.inEventLoop()).isFalse();
    }
  }

  @Test
  void theSchedulerRunsTasksOnceUnlessTheyAreCancelled() {
    try (EventLoops loops = EventLoops.create()) {
      Scheduler scheduler = loops.scheduler();
      CompletableFuture<String> first = new CompletableFuture<>();
      Cancellable timer =
          scheduler.schedule(Duration.ofMillis(200), () -> first.complete("cancelled task"));
      timer.cancel();
      scheduler.schedule(Duration.ofMillis(250), () -> first.complete("other task"));

      assertThat(Await.result(first)).isEqualTo("other task");
    }
  }

  @Test
  void noThreadIsLeftWhenEverythingIsClosed() throws IOException {
    Set<Thread> before = routerThreads();
    for (int i = 0; i < 3; i++) {
      Path socket = folder.resolve("a.sock");
      CriServer server = CriServer.builder(Rpcs.echo()).socket(socket).start();
      GrpcBackend backend = GrpcBackend.connect(socket);
      backend.onReachabilityChange(() -> {});
      GrpcBackend nowhere = GrpcBackend.connect(folder.resolve("none.sock"));
      nowhere.onReachabilityChange(() -> {});
      ResponseRecorder.call(backend, CriRequest.of(STATUS, ByteString.EMPTY)).message();
      assertThat(
              ResponseRecorder.call(nowhere, CriRequest.of(STATUS, ByteString.EMPTY))
                  .status()
                  .isOk())
          .isFalse();

      server.close();
      backend.close();
      nowhere.close();
      backend.close();
    }

    awaitThreads(before);
  }

  @Test
  void serversAndBackendsWithoutEventLoopsShareThem() throws IOException {
    Set<Thread> before = routerThreads();
    try (CriServer first = CriServer.builder(Rpcs.echo()).socket(folder.resolve("1.sock")).start();
        CriServer second = CriServer.builder(Rpcs.echo()).socket(folder.resolve("2.sock")).start();
        GrpcBackend backend = GrpcBackend.connect(first.socket());
        GrpcBackend other = GrpcBackend.connect(second.socket())) {
      for (GrpcBackend each : List.of(backend, other)) {
        ResponseRecorder.call(each, CriRequest.of(STATUS, ByteString.EMPTY)).message();
      }
      Set<Thread> during = routerThreads();
      during.removeAll(before);
      assertThat(during).hasSizeLessThanOrEqualTo(2);
    }
    awaitThreads(before);
  }

  @Test
  void aFailedStartReleasesTheThreads() {
    Set<Thread> before = routerThreads();

    assertThatThrownBy(
            () -> CriServer.builder(Rpcs.echo()).socket(folder.resolve("none/a.sock")).start())
        .isInstanceOf(IOException.class);

    awaitThreads(before);
  }

  @Test
  void closedEventLoopsCannotBeUsed() {
    EventLoops loops = EventLoops.create();
    loops.close();
    loops.close();

    assertThatThrownBy(
            () -> GrpcBackend.builder(folder.resolve("a.sock")).eventLoops(loops).build())
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("these event loops are closed");
  }

  @Test
  void connectionsLogNothing() throws IOException {
    Logger root = Logger.getLogger("io.grpc");
    List<String> logged = new CopyOnWriteArrayList<>();
    Handler handler =
        new Handler() {
          @Override
          public void publish(LogRecord entry) {
            logged.add(entry.getMessage());
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    root.addHandler(handler);
    try (CriServer server =
            CriServer.builder(Rpcs.echo()).socket(folder.resolve("a.sock")).start();
        GrpcBackend backend = GrpcBackend.connect(server.socket())) {
      ResponseRecorder.call(backend, CriRequest.of(STATUS, ByteString.EMPTY)).message();
    } finally {
      root.removeHandler(handler);
    }
    assertThat(logged).isEmpty();
  }
}
