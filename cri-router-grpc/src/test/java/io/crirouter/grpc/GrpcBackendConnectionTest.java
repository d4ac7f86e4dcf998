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

/** What a backend makes of runtimes that come, go, and are none. */
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

  private Recorder call() {
    return Recorder.call(backend, CriRequest.of(STATUS, randomBytes(3)));
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
  void aMissingSocketIsSaidAtOnce() {
    connect();

    assertThat(call().status()).isEqualTo(RpcStatus.unreachable("no such socket"));
    assertThat(call().status()).isEqualTo(RpcStatus.unreachable("no such socket"));
  }

  @Test
  void aStaleSocketIsSaidAtOnce() throws IOException {
    listen().close();
    connect();

    assertThat(call().status()).isEqualTo(RpcStatus.unreachable("connection refused"));
  }

  @Test
  void aServerThatSpeaksSomethingElseIsUnreachable() throws Exception {
    try (HandmadeServer other = HandmadeServer.at(socket)) {
      connect();
      Recorder answer = call();
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
  void itHasCallsWhileOneWaitsForTheVersionOrIsUnderWay(boolean asksForVersion) throws Exception {
    try (HandmadeServer other = HandmadeServer.at(socket)) {
      if (asksForVersion) {
        connect();
      } else {
        connect(Duration.ofMinutes(1));
      }
      assertThat(backend.hasCalls()).isFalse();

      Recorder answer = call();
      other.accept();
      assertThat(backend.hasCalls()).isTrue();

      other.hangUp();
      assertThat(answer.status().isUnreachable()).isTrue();
      assertThat(backend.hasCalls()).isFalse();
    }
  }

  @Test
  void aServerThatHangsUpIsUnreachable() throws Exception {
    try (HandmadeServer other = HandmadeServer.at(socket)) {
      connect();
      Recorder answer = call();
      other.accept();
      other.hangUp();

      assertThat(answer.status().isUnreachable()).isTrue();
      assertThat(answer.status().message()).startsWith("cannot connect");
    }
  }

  @Test
  void aConnectionThatBreaksUnderACallIsUnreachable() throws Exception {
    try (HandmadeServer other = HandmadeServer.at(socket)) {
      connect(Duration.ofSeconds(5));
      Recorder answer = call();
      other.accept();
      other.writeSettings();
      other.awaitHeaders();
      other.hangUp();

      assertThat(answer.status().origin()).isEqualTo(Origin.UNREACHABLE);
      assertThat(answer.status().code()).isEqualTo(Code.UNAVAILABLE);
      assertThat(answer.status().message()).startsWith("connection lost");
    }
  }

  @Test
  void aCallThatTheRuntimeBreaksOffSaysNothingAboutTheConnection() throws Exception {
    try (HandmadeServer other = HandmadeServer.at(socket)) {
      connect(Duration.ofSeconds(5));
      Recorder answer = call();
      other.accept();
      other.writeSettings();
      int stream = other.awaitHeaders();
      other.writeReset(stream, HandmadeServer.CANCEL);

      assertThat(answer.status().origin()).isEqualTo(Origin.ROUTER);
      assertThat(answer.status().code())
          .as("nobody on our side cancelled")
          .isEqualTo(Code.UNAVAILABLE);
      assertThat(answer.status().message())
          .startsWith("Status at unix:" + socket + ": the runtime broke off the call");
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aServerThatSaysNothingIsGivenUp(boolean askForVersion) throws IOException {
    try (ServerSocketChannel silent = listen()) {
      GrpcBackend.Builder builder =
          GrpcBackend.builder(socket).connectTimeout(Duration.ofMillis(300));
      backend = askForVersion ? builder.build() : builder.apiVersion(ApiVersion.V1).build();

      Recorder impatient =
          Recorder.call(
              backend,
              CriRequest.of(STATUS, ByteString.EMPTY)
                  .withTimeoutNanos(TimeUnit.MILLISECONDS.toNanos(10)));
      Recorder answer = call();

      assertThat(impatient.status().code()).isEqualTo(Code.DEADLINE_EXCEEDED);
      assertThat(impatient.status().origin()).isEqualTo(Origin.ROUTER);
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
  void callsKeepTryingHoweverOftenTheyHaveFailed() throws Exception {
    AtomicInteger attempts = new AtomicInteger();
    try (ServerSocketChannel rude = listen()) {
      Thread rudeness = new Thread(() -> hangUpOnAll(rude, attempts));
      rudeness.start();
      connect(Duration.ofSeconds(5));

      // gRPC's own pauses would grow to half a minute in the meantime.
      Await.until("ten attempts", () -> call().status().isUnreachable() && attempts.get() >= 10);
      rude.close();
      rudeness.join();
    }
  }

  private static void hangUpOnAll(ServerSocketChannel listener, AtomicInteger count) {
    try {
      while (true) {
        listener.accept().close();
        count.incrementAndGet();
      }
    } catch (IOException e) {
      // The listener is closed: the test is over.
    }
  }

  @Test
  void callsUnderWayWhenTheRuntimeStopsAreAnswered() throws IOException {
    HeldBackend runtime = new HeldBackend();
    CriServer server = CriServer.builder(runtime).socket(socket).start();
    connect(Duration.ofSeconds(5));
    Recorder answer = call();
    Held held = runtime.next();

    server.shutdown(Duration.ZERO);

    assertThat(answer.status().code()).isEqualTo(Code.UNAVAILABLE);
    assertThat(held.cancelReason()).isEqualTo("the CRI server is stopping");
    server.close();
  }

  @Test
  void itTellsWhenASocketAppearsEvenInANewFolder() throws IOException {
    socket = folder.resolve("run/vm/runtime.sock");
    connect();
    Semaphore told = new Semaphore(0);
    backend.onReachabilityChange(told::release);
    assertThat(call().status().isUnreachable()).isTrue();
    assertThat(told.availablePermits()).as("nothing has changed").isZero();

    Files.createDirectories(socket.getParent());
    try (CriServer server = serve()) {
      awaitPermit(told);
      Await.until("an answer", () -> call().status().isOk());
    }
    Await.until("the end", () -> call().status().isUnreachable());
    told.drainPermits();
    try (CriServer server = serve()) {
      awaitPermit(told);
      Await.until("an answer", () -> call().status().isOk());
    }
  }

  @Test
  void itConnectsByItselfWhenTheSocketAppears() throws IOException {
    HeldBackend runtime = new HeldBackend();
    connect(Duration.ofSeconds(5));
    Semaphore told = new Semaphore(0);
    backend.onReachabilityChange(told::release);

    try (CriServer server = CriServer.builder(runtime).socket(socket).start()) {
      // Once for the socket and once for the connection.
      awaitPermit(told);
      awaitPermit(told);
      server.close();
      awaitPermit(told);
    }
    assertThat(runtime.isIdle()).isTrue();
  }

  private static void awaitPermit(Semaphore semaphore) {
    try {
      assertThat(semaphore.tryAcquire(20, TimeUnit.SECONDS)).as("told").isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
