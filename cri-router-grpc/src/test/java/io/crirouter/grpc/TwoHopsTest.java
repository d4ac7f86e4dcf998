package io.crirouter.grpc;

import static io.crirouter.grpc.Rpcs.EVENTS;
import static io.crirouter.grpc.Rpcs.LIST;
import static io.crirouter.grpc.Rpcs.STATUS;
import static io.crirouter.grpc.Rpcs.STREAM;
import static io.crirouter.grpc.Rpcs.randomBytes;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.crirouter.core.CallMetadata;
import io.crirouter.core.CriMethod;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.core.RuntimeCall;
import io.crirouter.grpc.HeldBackend.Held;
import io.crirouter.grpc.RawClient.Answer;
import io.grpc.CallOptions;
import io.grpc.Metadata;
import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** client → CriServer → GrpcBackend → CriServer → runtime: a node without the router. */
class TwoHopsTest {
  @TempDir private Path folder;
  private final HeldBackend runtime = new HeldBackend();
  private CriServer runtimeServer;
  private GrpcBackend backend;
  private CriServer frontServer;
  private RawClient client;

  private void build(RuntimeBackend served, ApiVersion... versions) throws IOException {
    EnumSet<ApiVersion> spoken = EnumSet.allOf(ApiVersion.class);
    if (versions.length > 0) {
      spoken = EnumSet.of(versions[0], versions);
    }
    Path socket = folder.resolve("runtime.sock");
    runtimeServer = CriServer.builder(served).socket(socket).apiVersions(spoken).start();
    backend =
        versions.length > 0
            ? GrpcBackend.connect(socket)
            : GrpcBackend.builder(socket).apiVersion(ApiVersion.V1).build();
    frontServer = CriServer.builder(backend).socket(folder.resolve("front.sock")).start();
    client = new RawClient(frontServer.socket());
  }

  @AfterEach
  void close() {
    client.close();
    frontServer.close();
    backend.close();
    runtimeServer.close();
  }

  @Test
  void everyRpcPassesInAllFourCombinationsOfVersions() throws IOException {
    for (ApiVersion behind : ApiVersion.values()) {
      build(Rpcs.echo(), behind);
      for (ApiVersion before : ApiVersion.values()) {
        for (CriMethod method : CriMethod.all()) {
          // An empty message is valid in every version.
          Answer answer =
              client.call(
                  RawMethods.of(method, before),
                  CallOptions.DEFAULT,
                  new Metadata(),
                  ByteString.EMPTY);
          assertThat(answer.message()).as("%s %s->%s", method, before, behind).isEmpty();
        }
      }
      if (behind == ApiVersion.V1) {
        close();
      }
    }
  }

  @Test
  void largeMessagesPassUnchanged() throws IOException {
    ByteString large = randomBytes(15 << 20);
    build(Rpcs.answering(request -> request.isEmpty() ? large : request));

    assertThat(client.call(LIST, ByteString.EMPTY).message()).isEqualTo(large);
    ByteString request = randomBytes((16 << 20) - 100);
    assertThat(client.call(LIST, request).message()).isEqualTo(request);
  }

  @Test
  void metadataStatusAndDetailsPassBothWays() throws IOException {
    build(runtime);
    CallMetadata sent =
        CallMetadata.EMPTY
            .with("baggage", ByteString.copyFromUtf8("a=b"))
            .with("traceparent", ByteString.copyFromUtf8("00-ab-cd-01"));
    CallMetadata trailers =
        CallMetadata.EMPTY
            .with("grpc-status-details-bin", randomBytes(9000))
            .with("x-runtime-id", ByteString.copyFromUtf8("7"));

    Answer answer =
        client.call(
            RawMethods.of(EVENTS, ApiVersion.V1),
            CallOptions.DEFAULT,
            Headers.toGrpc(sent),
            ByteString.EMPTY);
    Held held = runtime.next();
    held.listener.onHeaders(sent);
    held.listener.onMessage(randomBytes(5));
    held.listener.onClose(
        RpcStatus.fromRuntime(Code.NOT_FOUND, "container \"x\" not found", trailers));

    assertThat(held.request.metadata()).isEqualTo(sent);
    assertThat(Headers.fromGrpc(Await.result(answer.headers))).isEqualTo(sent);
    assertThat(answer.status().getCode()).isEqualTo(Status.Code.NOT_FOUND);
    assertThat(answer.status().getDescription()).isEqualTo("container \"x\" not found");
    assertThat(Headers.fromGrpc(answer.trailers())).isEqualTo(trailers);
    assertThat(answer.messages).containsExactly(randomBytes(5));
  }

  @Test
  void deadlineAndCancellationPass() throws IOException {
    build(runtime);
    Answer answer =
        client.call(
            RawMethods.of(STATUS, ApiVersion.V1),
            CallOptions.DEFAULT.withDeadlineAfter(40, TimeUnit.SECONDS),
            new Metadata(),
            ByteString.EMPTY);
    Held held = runtime.next();
    assertThat(Duration.ofNanos(held.request.timeoutNanos()))
        .isBetween(Duration.ofSeconds(20), Duration.ofSeconds(40));

    answer.call.cancel("cancelled by the test", null);

    assertThat(held.cancelReason()).isNotEmpty();
  }

  @Test
  void aLostConnectionCancelsTheRuntimesCall() throws IOException {
    build(runtime);
    Held held;
    try (RawHttp2Client wire = RawHttp2Client.connect(frontServer.socket())) {
      wire.sendCall("/runtime.v1.RuntimeService/Status", new byte[0]);
      held = runtime.next();
    }

    assertThat(held.cancelReason()).isNotEmpty();
  }

  @Test
  void aSlowReaderSlowsTheRuntime() throws IOException {
    ByteString message = randomBytes(10_000);
    AtomicInteger sent = new AtomicInteger();
    build(
        (request, listener) ->
            new RuntimeCall() {
              @Override
              public void request(int count) {
                int number = sent.incrementAndGet();
                if (number <= 10_000) {
                  listener.onMessage(message);
                }
                if (number == 10_000) {
                  listener.onClose(RpcStatus.OK);
                }
              }

              @Override
              public void cancel(String reason) {}
            });

    Answer answer =
        client.open(
            RawMethods.of(STREAM, ApiVersion.V1),
            CallOptions.DEFAULT,
            new Metadata(),
            ByteString.EMPTY);
    for (int i = 1; i <= 50; i++) {
      int expected = i;
      answer.call.request(1);
      Await.until("the next message", () -> answer.messages.size() == expected);
    }
    // Each hop holds up to a window of 1 MiB, and some more in buffers.
    assertThat(sent.get()).isBetween(50, 50 + (8 << 20) / 10_000);

    answer.call.request(Integer.MAX_VALUE);
    assertThat(answer.status().isOk()).isTrue();
    assertThat(answer.messages).hasSize(10_000).allMatch(message::equals);
  }

  @Test
  void aRuntimeThatIsGoneIsUnavailable() throws IOException {
    build(runtime);
    runtimeServer.close();

    Status status = client.call(STATUS, ByteString.EMPTY).status();

    assertThat(status.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
  }

  @Test
  void allRunsOnOneEventLoopWithoutBlockingIt() throws IOException {
    Path socket = folder.resolve("runtime.sock");
    try (EventLoops loop = EventLoops.create(1)) {
      runtimeServer = CriServer.builder(Rpcs.echo()).socket(socket).eventLoops(loop).start();
      backend = GrpcBackend.builder(socket).eventLoops(loop).build();
      frontServer =
          CriServer.builder(backend).socket(folder.resolve("front.sock")).eventLoops(loop).start();
      client = new RawClient(frontServer.socket());

      assertThat(client.call(STATUS, randomBytes(5_000_000)).message()).hasSize(5_000_000);
    }
    // The server and the backend still use the threads.
    assertThat(client.call(STATUS, randomBytes(1)).message()).hasSize(1);
  }
}
