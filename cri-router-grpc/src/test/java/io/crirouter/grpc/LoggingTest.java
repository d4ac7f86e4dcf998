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

/** What clients and runtimes can write into the log. */
class LoggingTest extends CriServerFixture {
  /** What ten seconds more may let through if a test takes that long. */
  private static final int FEW = LogRate.BURST + 3;

  private static List<String> from(LoggedLines lines, String logger) {
    return lines.all().stream().filter(line -> line.contains(logger)).toList();
  }

  @Test
  void clientsThatBreakOffTheirCallsCauseFewLines() throws IOException {
    serve(Rpcs.answering(request -> randomBytes(200_000)));
    try (LoggedLines lines = LoggedLines.capture();
        RawClient hoarder = RawClient.hoarder(server.socket())) {
      for (int i = 0; i < 100; i++) {
        RawClient.Answer answer = hoarder.open(VERSION, ByteString.EMPTY);
        Await.result(answer.headers);
        answer.call.cancel("enough", null);
        assertThat(client.call(STATUS, ByteString.EMPTY).message()).hasSize(200_000);
      }
      assertThat(from(lines, "NettyServerHandler").size()).isLessThanOrEqualTo(FEW);
    }
  }

  @Test
  void clientsThatSendWhatCannotBeReadCauseFewLines() throws IOException {
    serve(
        CriServer.builder(Rpcs.echo())
            .limits(ServerLimits.builder().maxRequestBytes(1000).build()));
    try (LoggedLines lines = LoggedLines.capture()) {
      for (int i = 0; i < 100; i++) {
        assertThat(client.call(VERSION, randomBytes(1001)).status().isOk()).isFalse();
      }
      assertThat(from(lines, "NettyServerStream").size()).isLessThanOrEqualTo(FEW);
    }
  }

  @Test
  void aBackendThatFailsForEachRequestCausesFewLinesAndNoForgedOnes() throws IOException {
    serve(
        (request, listener) -> {
          throw new IllegalStateException(
              "bad\n2026-01-01 INFO all is well\u001b[2J" + "x".repeat(1 << 20));
        });
    try (LoggedLines lines = LoggedLines.capture()) {
      for (int i = 0; i < 100; i++) {
        assertThat(client.call(VERSION, ByteString.EMPTY).status().isOk()).isFalse();
      }
      List<String> ours = from(lines, "ServedCall");
      assertThat(ours.size()).isBetween(1, FEW);
      assertThat(ours.get(0))
          .contains("bad\\u000a2026-01-01 INFO all is well\\u001b[2J")
          .doesNotContain("\n", "\u001b")
          .hasSizeLessThan(3000);
    }
  }

  @Test
  void noSecretIsLoggedAtAnyLevel(@TempDir Path other) throws IOException {
    ByteString secret = ByteString.copyFromUtf8("PASSWORD=correct horse");
    String hex = "50415353574f52443d";
    try (LoggedLines lines = LoggedLines.captureAll()) {
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
        Recorder.call(backend, CriRequest.of(STATUS, secret)).message();
        hop.open(STATUS, secret).call.cancel("enough", null);
      }
      close();
      serve(Rpcs.ending(RpcStatus.of(Code.INTERNAL, "correct horse")));
      assertThat(client.call(STATUS, secret).status().isOk()).isFalse();

      assertThat(lines.all())
          .noneMatch(line -> line.contains("correct horse"))
          .noneMatch(line -> line.contains(hex));
    }
  }
}
