package io.crirouter.grpc;

import static io.crirouter.grpc.Rpcs.STATUS;
import static io.crirouter.grpc.Rpcs.VERSION;
import static io.crirouter.grpc.Rpcs.randomBytes;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.crirouter.core.CriRequest;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.grpc.CallOptions;
import io.grpc.Metadata;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Log records that clients and runtimes can cause. */
class LoggingTest extends CriServerFixture {
  /** The permitted lines, with some more for tests that take longer than ten seconds. */
  private static final int FEW = LogRate.BURST + 3;

  private static List<String> from(CapturedLog log, String logger) {
    return log.all().stream().filter(line -> line.contains(logger)).toList();
  }

  @Test
  void clientsThatCancelTheirCallsCauseFewLines() throws IOException {
    serve(Rpcs.answering(request -> randomBytes(200_000)));
    try (CapturedLog log = CapturedLog.capture();
        RawClient slowReader = RawClient.slowReader(server.socket())) {
      for (int i = 0; i < 100; i++) {
        RawClient.Answer answer = slowReader.open(VERSION, ByteString.EMPTY);
        Await.result(answer.headers);
        answer.call.cancel("cancelled by the test", null);
        assertThat(client.call(STATUS, ByteString.EMPTY).message()).hasSize(200_000);
      }
      assertThat(from(log, "NettyServerHandler").size()).isLessThanOrEqualTo(FEW);
    }
  }

  @Test
  void clientsThatSendTooLargeRequestsCauseFewLines() throws IOException {
    serve(
        CriServer.builder(Rpcs.echo())
            .limits(ServerLimits.builder().maxRequestBytes(1000).build()));
    try (CapturedLog log = CapturedLog.capture()) {
      for (int i = 0; i < 100; i++) {
        assertThat(client.call(VERSION, randomBytes(1001)).status().isOk()).isFalse();
      }
      assertThat(from(log, "NettyServerStream").size()).isLessThanOrEqualTo(FEW);
    }
  }

  @Test
  void aBackendThatFailsForEachRequestCausesFewLinesAndNoForgedOnes() throws IOException {
    serve(
        (request, listener) -> {
          throw new IllegalStateException(
              "bad\n2026-01-01 INFO all is well\u001b[2J" + "x".repeat(1 << 20));
        });
    try (CapturedLog log = CapturedLog.capture()) {
      for (int i = 0; i < 100; i++) {
        assertThat(client.call(VERSION, ByteString.EMPTY).status().isOk()).isFalse();
      }
      List<String> lines = from(log, "ServedCall");
      assertThat(lines.size()).isBetween(1, FEW);
      assertThat(lines.get(0))
          .contains("bad\\u000a2026-01-01 INFO all is well\\u001b[2J")
          .doesNotContain("\n", "\u001b")
          .hasSizeLessThan(3000);
    }
  }

  @Test
  void noSecretIsLoggedAtAnyLevel(@TempDir Path other) throws IOException {
    ByteString secret = ByteString.copyFromUtf8("PASSWORD=correct horse");
    String hex = "50415353574f52443d";
    try (CapturedLog log = CapturedLog.captureAll()) {
      serve(Rpcs.echo());
      try (GrpcBackend backend = GrpcBackend.connect(server.socket());
          CriServer front = CriServer.builder(backend).socket(other.resolve("front")).start();
          RawClient hop = new RawClient(front.socket())) {
        assertThat(hop.call(STATUS, secret).message()).isEqualTo(secret);
        Metadata headers = new Metadata();
        headers.put(
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "correct horse");
        hop.call(RawMethods.of(VERSION, ApiVersion.V1), CallOptions.DEFAULT, headers, secret)
            .message();
        ResponseRecorder.call(backend, CriRequest.of(STATUS, secret)).message();
        hop.open(STATUS, secret).call.cancel("cancelled by the test", null);
      }
      close();
      serve(Rpcs.ending(RpcStatus.of(Code.INTERNAL, "correct horse")));
      assertThat(client.call(STATUS, secret).status().isOk()).isFalse();

      assertThat(log.all())
          .noneMatch(line -> line.contains("correct horse"))
          .noneMatch(line -> line.contains(hex));
    }
  }
}
