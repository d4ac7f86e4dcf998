package io.crirouter.grpc;

import static io.crirouter.grpc.Rpcs.STATUS;
import static io.crirouter.grpc.Rpcs.randomBytes;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.crirouter.core.CriRequest;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.RpcStatus.Origin;
import io.crirouter.grpc.HeldBackend.Held;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Connections to runtimes that start, stop, hang, or speak another protocol. */
class GrpcBackendConnectionTest {
  @TempDir private Path folder;
  private Path socket;
  private GrpcBackend backend;

  @BeforeEach
  void name() {
    socket = folder.resolve("runtime.sock");
  }

  @AfterEach
  void close() {
    if (backend != null) {
      backend.close();
    }
  }

  private void connect() {
    backend = GrpcBackend.connect(socket);
  }

  private void connect(Duration timeout) {
    backend = GrpcBackend.builder(socket).apiVersion(ApiVersion.V1).connectTimeout(timeout).build();
  }

  private ResponseRecorder call() {
    return ResponseRecorder.call(backend, CriRequest.of(STATUS, randomBytes(3)));
  }

  private CriServer serve() throws IOException {
    return CriServer.builder(Rpcs.echo()).socket(socket).start();
  }

  private ServerSocketChannel listen() throws IOException {
    ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    listener.bind(UnixDomainSocketAddress.of(socket));
    return listener;
  }

  @Test
  void aMissingSocketIsReportedAtOnce() {
    connect();

    assertThat(call().status()).isEqualTo(RpcStatus.unreachable("no such socket"));
    assertThat(call().status()).isEqualTo(RpcStatus.unreachable("no such socket"));
  }

  @Test
  void aStaleSocketIsReportedAtOnce() throws IOException {
    listen().close();
    connect();

    assertThat(call().status()).isEqualTo(RpcStatus.unreachable("connection refused"));
  }

  @Test
  void aServerOfAnotherProtocolIsUnreachable() throws Exception {
    try (RawHttp2Server other = RawHttp2Server.at(socket)) {
      connect();
      ResponseRecorder answer = call();
      other.accept();
      other.write("HTTP/1.1 400 Bad Request\r\n\r\n");

      RpcStatus status = answer.status();
      assertThat(status.origin()).isEqualTo(Origin.UNREACHABLE);
      assertThat(status.code()).isEqualTo(Code.UNAVAILABLE);
      assertThat(status.message()).startsWith("cannot connect: ").contains("SETTINGS");
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void hasCallsCountsWaitingAndSentCalls(boolean asksForVersion) throws Exception {
    try (RawHttp2Server other = RawHttp2Server.at(socket)) {
      if (asksForVersion) {
        connect();
      } else {
        connect(Duration.ofMinutes(1));
      }
      assertThat(backend.hasCalls()).isFalse();

      ResponseRecorder answer = call();
      other.accept();
      assertThat(backend.hasCalls()).isTrue();

      other.closeConnection();
      assertThat(answer.status().isUnreachable()).isTrue();
      assertThat(backend.hasCalls()).isFalse();
    }
  }

  @Test
  void aServerThatClosesTheConnectionIsUnreachable() throws Exception {
    try (RawHttp2Server other = RawHttp2Server.at(socket)) {
      connect();
      ResponseRecorder answer = call();
      other.accept();
      other.closeConnection();

      assertThat(answer.status().isUnreachable()).isTrue();
      assertThat(answer.status().message()).startsWith("cannot connect");
    }
  }

  @Test
  void aConnectionLostDuringACallIsUnreachable() throws Exception {
    try (RawHttp2Server other = RawHttp2Server.at(socket)) {
      connect(Duration.ofSeconds(5));
      ResponseRecorder answer = call();
      other.accept();
      other.writeSettings();
      other.awaitHeaders();
      other.closeConnection();

      assertThat(answer.status().origin()).isEqualTo(Origin.UNREACHABLE);
      assertThat(answer.status().code()).isEqualTo(Code.UNAVAILABLE);
      assertThat(answer.status().message()).startsWith("connection lost");
    }
  }

  @Test
  void aCallThatTheRuntimeResetsDoesNotMakeItUnreachable() throws Exception {
    try (RawHttp2Server other = RawHttp2Server.at(socket)) {
      connect(Duration.ofSeconds(5));
      ResponseRecorder answer = call();
      other.accept();
      other.writeSettings();
      int stream = other.awaitHeaders();
      other.writeReset(stream, RawHttp2Server.CANCEL);

      assertThat(answer.status().origin()).isEqualTo(Origin.ROUTER);
      assertThat(answer.status().code())
          .as("this side has not cancelled the call")
          .isEqualTo(Code.UNAVAILABLE);
      assertThat(answer.status().message())
          .startsWith("Status at unix:" + socket + ": the runtime broke off the call");
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aSilentServerTimesOut(boolean askForVersion) throws IOException {
    try (ServerSocketChannel silent = listen()) {
      GrpcBackend.Builder builder =
          GrpcBackend.builder(socket).connectTimeout(Duration.ofMillis(300));
      backend = askForVersion ? builder.build() : builder.apiVersion(ApiVersion.V1).build();

      ResponseRecorder shortCall =
          ResponseRecorder.call(
              backend,
              CriRequest.of(STATUS, ByteString.EMPTY)
                  .withTimeoutNanos(TimeUnit.MILLISECONDS.toNanos(10)));
      ResponseRecorder answer = call();

      assertThat(shortCall.status().code()).isEqualTo(Code.DEADLINE_EXCEEDED);
      assertThat(shortCall.status().origin()).isEqualTo(Origin.ROUTER);
      assertThat(answer.status().isUnreachable()).isTrue();
      assertThat(answer.status().message()).contains("within 300 ms");
      assertThat(silent.isOpen()).isTrue();
    }
  }

  @Test
  void aServerThatReplacesASilentOneIsFound() throws IOException {
    try (ServerSocketChannel silent = listen()) {
      connect(Duration.ofMillis(100));
      assertThat(call().status().isUnreachable()).isTrue();
      Files.delete(socket);
      try (CriServer server = serve()) {
        Await.until("an answer", () -> call().status().isOk());
        assertThat(silent.isOpen()).isTrue();
      }
    }
  }

  @Test
  void aRuntimeThatComesBackIsFoundByTheNextCalls() throws IOException {
    connect();
    for (int i = 0; i < 3; i++) {
      assertThat(call().status().isUnreachable()).isTrue();
      try (CriServer server = serve()) {
        // Attempts are 100 ms apart at least.
        Await.until("an answer", () -> call().status().isOk());
        for (int j = 0; j < 20; j++) {
          assertThat(call().message()).isEqualTo(randomBytes(3));
        }
      }
      RpcStatus gone = RpcStatus.unreachable("no such socket");
      Await.until("the end", () -> call().status().equals(gone));
    }
  }

  @Test
  void callsKeepConnectingAfterManyFailures() throws Exception {
    AtomicInteger attempts = new AtomicInteger();
    try (ServerSocketChannel closing = listen()) {
      Thread closer = new Thread(() -> closeAll(closing, attempts));
      closer.start();
      connect(Duration.ofSeconds(5));

      // The pauses of gRPC itself would grow to half a minute.
      Await.until("ten attempts", () -> call().status().isUnreachable() && attempts.get() >= 10);
      closing.close();
      closer.join();
    }
  }

  private static void closeAll(ServerSocketChannel listener, AtomicInteger count) {
    try {
      while (true) {
        listener.accept().close();
        count.incrementAndGet();
      }
    } catch (IOException e) {
      // The listener is closed: the test has ended.
    }
  }

  @Test
  void callsUnderWayWhenTheRuntimeStopsAreAnswered() throws IOException {
    HeldBackend runtime = new HeldBackend();
    CriServer server = CriServer.builder(runtime).socket(socket).start();
    connect(Duration.ofSeconds(5));
    ResponseRecorder answer = call();
    Held held = runtime.next();

    server.shutdown(Duration.ZERO);

    assertThat(answer.status().code()).isEqualTo(Code.UNAVAILABLE);
    assertThat(held.cancelReason()).isEqualTo("the CRI server is stopping");
    server.close();
  }

  @Test
  void theListenerIsCalledWhenASocketAppearsEvenInANewFolder() throws IOException {
    socket = folder.resolve("run/vm/runtime.sock");
    connect();
    Semaphore notifications = new Semaphore(0);
    backend.onReachabilityChange(notifications::release);
    assertThat(call().status().isUnreachable()).isTrue();
    assertThat(notifications.availablePermits()).as("nothing has changed").isZero();

    Files.createDirectories(socket.getParent());
    try (CriServer server = serve()) {
      awaitPermit(notifications);
      Await.until("an answer", () -> call().status().isOk());
    }
    Await.until("the end", () -> call().status().isUnreachable());
    notifications.drainPermits();
    try (CriServer server = serve()) {
      awaitPermit(notifications);
      Await.until("an answer", () -> call().status().isOk());
    }
  }

  @Test
  void itConnectsWithoutACallWhenTheSocketAppears() throws IOException {
    HeldBackend runtime = new HeldBackend();
    connect(Duration.ofSeconds(5));
    Semaphore notifications = new Semaphore(0);
    backend.onReachabilityChange(notifications::release);

    try (CriServer server = CriServer.builder(runtime).socket(socket).start()) {
      // One for the socket and one for the connection.
      awaitPermit(notifications);
      awaitPermit(notifications);
      server.close();
      awaitPermit(notifications);
    }
    assertThat(runtime.isIdle()).isTrue();
  }

  private static void awaitPermit(Semaphore semaphore) {
    try {
      assertThat(semaphore.tryAcquire(20, TimeUnit.SECONDS)).as("a notification").isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
