package io.crirouter.grpc;

import static io.crirouter.grpc.Rpcs.LIST;
import static io.crirouter.grpc.Rpcs.STATUS;
import static io.crirouter.grpc.Rpcs.STREAM;
import static io.crirouter.grpc.Rpcs.VERSION;
import static io.crirouter.grpc.Rpcs.randomBytes;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.CallOptions;
import io.grpc.Metadata;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The memory of a server's process is bounded whatever its clients do, and a good client is served.
 */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class CriServerMemoryTest {
  private static final long LIMIT_MIB = 256;

  @TempDir private Path folder;
  private Path socket;
  private ServerProcess server;
  private RawClient good;
  private final List<RawClient> hostile = new ArrayList<>();

  @BeforeEach
  void start() throws IOException {
    socket = folder.resolve("cri.sock");
    server = ServerProcess.at(socket);
    good = new RawClient(socket);
    assertGoodClientIsServed();
  }

  @AfterEach
  void stop() {
    hostile.forEach(RawClient::close);
    good.close();
    server.close();
  }

  private RawClient hostile() {
    RawClient client = RawClient.slowReader(socket);
    hostile.add(client);
    return client;
  }

  private void assertGoodClientIsServed() {
    assertThat(good.call(VERSION, randomBytes(1000)).message()).isEqualTo(randomBytes(1000));
    Await.until("a list", () -> good.call(LIST, ByteString.EMPTY).status().isOk());
  }

  private void assertSmall(String what) throws IOException {
    assertGoodClientIsServed();
    long peak = server.peakMib();
    System.out.println("memory: " + what + ": " + peak + " MiB at most");
    assertThat(peak).as("MiB of memory after %s", what).isLessThan(LIMIT_MIB);
  }

  @Test
  void aThousandUnreadLists() throws IOException {
    for (int i = 0; i < 4; i++) {
      RawClient client = hostile();
      for (int j = 0; j < 250; j++) {
        client.open(LIST, ByteString.EMPTY);
      }
    }
    assertSmall("1,000 lists of 5 MiB unread on 4 connections");
  }

  @Test
  void fiftyIncompleteRequests() throws IOException {
    ByteString request = randomBytes(15 << 20);
    RawClient client = hostile();
    List<RawClient.Answer> answers = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      answers.add(client.incomplete(VERSION, request));
    }
    Await.until(
        "refusals", () -> answers.stream().filter(RawClient.Answer::isClosed).count() >= 48);
    assertSmall("50 incomplete requests of 15 MiB");
  }

  @Test
  void requestsToARuntimeThatHangs() throws IOException {
    ByteString request = randomBytes(1 << 20);
    List<RawClient.Answer> answers = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      RawClient client = hostile();
      for (int j = 0; j < 60; j++) {
        answers.add(client.call(STATUS, request));
      }
    }
    Await.until(
        "refusals", () -> answers.stream().filter(RawClient.Answer::isClosed).count() >= 240);
    assertSmall("300 requests of 1 MiB without an answer");
  }

  @Test
  void unreadEndlessStreams() throws IOException {
    for (int i = 0; i < 4; i++) {
      RawClient client = hostile();
      for (int j = 0; j < 100; j++) {
        client.open(STREAM, ByteString.EMPTY);
      }
    }
    assertSmall("400 endless streams of 1 MiB messages unread");
  }

  @Test
  void listsThatAreRequestedAndCancelledInTurn() throws IOException {
    for (int i = 0; i < 4; i++) {
      try (RawHttp2Client wire = RawHttp2Client.connect(socket)) {
        for (int stream = 1; stream < 1000; stream += 2) {
          wire.sendCall(stream, "/runtime.v1.RuntimeService/ListContainers", new byte[0]);
          wire.sendReset(stream);
        }
        // Its answer has no data frames, which would wait behind those of the lists.
        wire.sendCall(1001, "/no.Service/NoRpc", new byte[0]);
        wire.awaitEndOfCall(1001);
      }
    }
    assertSmall("2,000 lists of 5 MiB cancelled at once");
  }

  @Test
  void gzipBombs() throws IOException {
    RawClient client = hostile();
    ByteString bomb = ByteString.copyFrom(new byte[64 << 20]);
    for (int i = 0; i < 20; i++) {
      client
          .call(
              RawMethods.of(VERSION, ApiVersion.V1),
              CallOptions.DEFAULT.withCompression("gzip"),
              new Metadata(),
              bomb)
          .status();
    }
    assertSmall("20 requests of 64 MiB in gzip");
  }

  @Test
  void connectionsWithoutAHandshake() throws IOException {
    List<SocketChannel> silent = new ArrayList<>();
    for (int i = 0; i < 2000; i++) {
      SocketChannel connection = SocketChannel.open(StandardProtocolFamily.UNIX);
      silent.add(connection);
      connection.connect(UnixDomainSocketAddress.of(socket));
    }
    assertSmall("2,000 connections without a handshake");
    assertThat(server.descriptors()).isLessThan(400);
    for (SocketChannel connection : silent) {
      connection.close();
    }
  }
}
