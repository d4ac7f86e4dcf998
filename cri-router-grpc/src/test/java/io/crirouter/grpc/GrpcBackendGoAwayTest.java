package io.crirouter.grpc;

import static io.crirouter.grpc.Rpcs.STATUS;
import static io.crirouter.grpc.Rpcs.VERSION;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import com.google.protobuf.ByteString;
import io.crirouter.core.CriMethod;
import io.crirouter.core.CriRequest;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RuntimeBackend;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A runtime that ends each connection soon. */
class GrpcBackendGoAwayTest {
  private static final Duration MEASURED = Duration.ofSeconds(3);

  @TempDir private Path folder;
  private final AtomicInteger notifications = new AtomicInteger();
  private Path socket;

  @BeforeEach
  void name() {
    socket = folder.resolve("runtime.sock");
  }

  @CanIgnoreReturnValue
  private static ResponseRecorder call(GrpcBackend backend, CriMethod method) {
    return ResponseRecorder.call(backend, CriRequest.of(method, ByteString.EMPTY));
  }

  /** Calls Version at each notification, as the router does. */
  private void probeOnChange(GrpcBackend backend) {
    backend.onReachabilityChange(
        () -> {
          notifications.incrementAndGet();
          call(backend, VERSION);
        });
    call(backend, VERSION);
  }

  private static void measureFor(Duration time) {
    long start = System.nanoTime();
    Await.until("the end of the measurement", () -> System.nanoTime() - start > time.toNanos());
  }

  @Test
  void aRuntimeThatAnswersOnlyVersionIsConnectedLessAndLessOften() throws IOException {
    try (GoAwayServer server = new GoAwayServer(socket, 1);
        GrpcBackend backend = GrpcBackend.connect(socket)) {
      probeOnChange(backend);
      measureFor(MEASURED);

      assertThat(server.connections()).as("connections in 3 s").isBetween(3, 9);
      assertThat(notifications.get()).as("probes for that").isLessThan(20);
      Await.until("old connections are closed", () -> server.open() <= 1);
    }
  }

  @Test
  void aRuntimeThatAnswersOneCallPerConnectionIsConnectedAFewTimesASecond() throws IOException {
    try (GoAwayServer server = new GoAwayServer(socket, 2);
        GrpcBackend backend = GrpcBackend.connect(socket)) {
      backend.onReachabilityChange(
          () -> {
            call(backend, VERSION);
            call(backend, STATUS);
          });
      call(backend, VERSION);
      call(backend, STATUS);
      measureFor(MEASURED);

      assertThat(server.connections()).as("connections in 3 s").isBetween(3, 12);
      Await.until("old connections are closed", () -> server.open() <= 1);
    }
  }

  @Test
  void callsDuringThePauseAreRefusedAtOnceWithTheSameMessage() throws IOException {
    try (GoAwayServer server = new GoAwayServer(socket, 1);
        GrpcBackend backend = GrpcBackend.connect(socket)) {
      probeOnChange(backend);
      Await.until("some connections", () -> server.connections() > 5);

      String text = "the runtime ends its connections before it has answered a call";
      for (int i = 0; i < 100; i++) {
        RpcStatus status = call(backend, STATUS).status();
        // One may be the first of a new connection, which is answered.
        assertThat(status.isOk() || status.isUnreachable()).as("%s", status).isTrue();
      }
      Await.until("a refusal", () -> call(backend, STATUS).status().message().startsWith(text));
      assertThat(server.connections()).isLessThan(12);
    }
  }

  @Test
  void aCallUnderWayContinuesAfterAGoAway() throws IOException {
    HeldBackend runtime = new HeldBackend();
    RuntimeBackend holdingStatus =
        (request, listener) ->
            (request.method().equals(STATUS) ? runtime : Rpcs.echo()).start(request, listener);
    try (CriServer server = CriServer.builder(holdingStatus).socket(socket).start();
        GrpcBackend backend = GrpcBackend.builder(socket).apiVersion(ApiVersion.V1).build()) {
      ResponseRecorder answer = call(backend, STATUS);
      HeldBackend.Held held = runtime.next();
      server.shutdown(Duration.ofSeconds(60));
      Await.until("the end", () -> call(backend, VERSION).status().isUnreachable());

      held.answer(Rpcs.randomBytes(5));

      assertThat(answer.message()).isEqualTo(Rpcs.randomBytes(5));
    }
  }
}
