package io.crirouter.grpc;

import static io.crirouter.grpc.Rpcs.LIST;
import static io.crirouter.grpc.Rpcs.STREAM;
import static io.crirouter.grpc.Rpcs.VERSION;
import static io.crirouter.grpc.Rpcs.randomBytes;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.core.RuntimeCall;
import io.crirouter.grpc.RawClient.Answer;
import io.grpc.CallOptions;
import io.grpc.Metadata;
import io.grpc.Status;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Clients that exceed the limits on requests and answers, and clients beside them. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class CriServerLimitsTest extends CriServerFixture {
  private static final int MIB = 1 << 20;
  private static final ByteString LARGE = randomBytes(MIB);

  /** Answers lists with 1 MiB, and streams with endless messages of 1 MiB. */
  private static final RuntimeBackend VERBOSE =
      (request, listener) -> {
        if (request.method().serverStreaming()) {
          return endless(listener);
        }
        listener.onMessage(request.method().equals(LIST) ? LARGE : request.message());
        listener.onClose(RpcStatus.OK);
        return RuntimeCall.ENDED;
      };

  private static RuntimeCall endless(ResponseListener listener) {
    return new RuntimeCall() {
      @Override
      public void request(int count) {
        listener.onMessage(LARGE);
      }

      @Override
      public void cancel(String reason) {
        listener.onClose(RpcStatus.of(RpcStatus.Code.CANCELLED, reason));
      }
    };
  }

  private static List<Answer> exhausted(List<Answer> answers) {
    return answers.stream()
        .filter(
            answer ->
                answer.isClosed() && answer.status().getCode() == Status.Code.RESOURCE_EXHAUSTED)
        .toList();
  }

  private List<Answer> openLists(RawClient reader, int count) {
    return IntStream.range(0, count).mapToObj(i -> reader.open(LIST, ByteString.EMPTY)).toList();
  }

  private void assertAnotherClientIsServed() {
    try (RawClient other = new RawClient(server.socket())) {
      assertThat(other.call(VERSION, randomBytes(3)).message()).isEqualTo(randomBytes(3));
      assertThat(other.call(LIST, ByteString.EMPTY).message()).isEqualTo(LARGE);
    }
  }

  @Test
  void unreadAnswersEndFurtherCalls() throws IOException {
    serve(VERBOSE, ServerLimits.builder().unreadBytes(4 * MIB, 64 * MIB));

    List<Answer> lists = openLists(client, 100);

    Await.until("refusals", () -> exhausted(lists).size() >= 90);
    assertThat(exhausted(lists).get(0).status().getDescription())
        .startsWith("ListContainers: too many bytes of earlier answers are unread");
    assertAnotherClientIsServed();
    lists.forEach(list -> list.call.request(2));
    long good = lists.stream().filter(list -> list.status().isOk()).count();
    assertThat(good).as("answers within the limit").isBetween(4L, 10L);
    assertThat(client.call(LIST, ByteString.EMPTY).message()).isEqualTo(LARGE);
  }

  @Test
  void fewListsReachTheBackendBeforeTheFirstAnswer() throws IOException {
    HeldBackend slow = new HeldBackend();
    serve(slow, ServerLimits.builder());

    List<Answer> lists = openLists(client, 100);

    Await.until("refusals", () -> exhausted(lists).size() == 88);
    HeldBackend.Held first = slow.next();
    for (int i = 1; i < 12; i++) {
      assertThat(slow.next().cancelled).isNotDone();
    }
    assertThat(slow.isIdle()).isTrue();
    lists.forEach(list -> list.call.request(2));
    first.answer(randomBytes(3));
    Await.until("an answer", () -> lists.stream().filter(Answer::isClosed).count() == 89);
    List<Answer> more = openLists(client, 100);
    for (int i = 0; i < 100; i++) {
      slow.next().answer(randomBytes(3));
    }
    more.forEach(list -> list.call.request(2));
    more.forEach(list -> assertThat(list.status().isOk()).isTrue());
  }

  @Test
  void aStreamedListCountsWithItsActualSize() throws IOException {
    AtomicInteger heldMib = new AtomicInteger();
    serve(
        (request, listener) ->
            request.method().equals(STREAM)
                ? new HeldList(listener, (long) heldMib.get() * MIB)
                : VERBOSE.start(request, listener),
        ServerLimits.builder());
    assertThat(client.call(STREAM, ByteString.EMPTY).status().isOk()).isTrue();
    heldMib.set(8);

    List<Answer> lists =
        IntStream.range(0, 100).mapToObj(i -> client.open(STREAM, ByteString.EMPTY)).toList();

    Await.until("refusals", () -> exhausted(lists).size() == 98);
    assertAnotherClientIsServed();
  }

  /** A streamed list: one piece is sent, and the rest is held until it is requested. */
  private record HeldList(ResponseListener listener, long heldBytes) implements RuntimeCall {
    @Override
    public void request(int count) {
      listener.onMessage(randomBytes(ServerBounds.SMALL_BYTES));
      if (heldBytes == 0) {
        listener.onClose(RpcStatus.OK);
      }
    }

    @Override
    public void cancel(String reason) {
      listener.onClose(RpcStatus.of(RpcStatus.Code.CANCELLED, reason));
    }
  }

  @Test
  void aRequestWhoseAnswerWouldExceedTheLimitDoesNotReachTheBackend() throws IOException {
    AtomicInteger forwarded = new AtomicInteger();
    serve(
        (request, listener) -> {
          forwarded.incrementAndGet();
          return VERBOSE.start(request, listener);
        },
        ServerLimits.builder().unreadBytes(4 * MIB, 64 * MIB));
    assertThat(client.call(LIST, ByteString.EMPTY).message()).isEqualTo(LARGE);

    List<Answer> lists = openLists(client, 100);

    Await.until("refusals", () -> exhausted(lists).size() >= 90);
    assertThat(forwarded.get()).isLessThan(11);
  }

  @Test
  void oneAnswerAloneMayBeLargerThanTheLimit() throws IOException {
    serve(VERBOSE, ServerLimits.builder().unreadBytes(1000, 1000));

    assertThat(client.call(LIST, ByteString.EMPTY).message()).isEqualTo(LARGE);
    assertThat(client.call(LIST, ByteString.EMPTY).message()).isEqualTo(LARGE);
  }

  @Test
  void theConnectionWithTheOldestUnreadAnswerIsClosed() throws IOException {
    serve(VERBOSE, ServerLimits.builder().unreadBytes(4 * MIB, 8 * MIB));
    List<RawClient> slowReaders =
        IntStream.range(0, 3).mapToObj(i -> RawClient.slowReader(server.socket())).toList();
    List<Answer> unread = new ArrayList<>();
    for (RawClient slowReader : slowReaders) {
      List<Answer> lists = openLists(slowReader, 20);
      Await.until("its limit is reached", () -> !exhausted(lists).isEmpty());
      unread.addAll(lists);
    }
    assertThat(client.call(LIST, ByteString.EMPTY).status().getCode())
        .as("no room yet")
        .isEqualTo(Status.Code.RESOURCE_EXHAUSTED);

    Await.until("a list", () -> client.call(LIST, ByteString.EMPTY).status().isOk());

    unread.forEach(answer -> answer.call.request(2));
    assertThat(unread.subList(0, 20))
        .extracting(answer -> String.valueOf(answer.status()))
        .as("the first reader is disconnected, with the reason if it reads it")
        .anyMatch(s -> s.contains("answers stay unread") || s.contains("UNAVAILABLE"));
    slowReaders.forEach(RawClient::close);
  }

  @Test
  void incompleteRequestsEndFurtherCalls() throws IOException {
    serve(VERBOSE, ServerLimits.builder().maxRequestBytes(MIB).requestBytes(4 * MIB, 64 * MIB));

    List<Answer> requests =
        IntStream.range(0, 50).mapToObj(i -> client.incomplete(VERSION, LARGE)).toList();

    // The requests arrive interleaved: the refused ones are not the last ones.
    Await.until("refusals", () -> exhausted(requests).size() >= 40);
    assertThat(exhausted(requests).get(0).status().getDescription())
        .startsWith("Version: the requests under way");
    assertAnotherClientIsServed();
    assertThat(client.call(VERSION, randomBytes(3)).message()).isEqualTo(randomBytes(3));
  }

  @Test
  void theOldestIncompleteRequestIsEnded() throws IOException {
    serve(VERBOSE, ServerLimits.builder().maxRequestBytes(MIB).requestBytes(4 * MIB, 4 * MIB));
    List<Answer> unread = new ArrayList<>();
    ByteString part = randomBytes(64 << 10);
    try (RawClient slowReader = new RawClient(server.socket())) {
      Await.until(
          "the limit is reached",
          () -> {
            unread.add(slowReader.incomplete(VERSION, part));
            return !exhausted(unread).isEmpty();
          });

      Await.until("room", () -> client.call(VERSION, LARGE).status().isOk());

      assertThat(exhausted(unread))
          .anyMatch(answer -> answer.status().getDescription().contains("stays unfinished"));
    }
  }

  @Test
  void aRequestCountsWithItsDecompressedSize() throws IOException {
    serve(held, ServerLimits.builder().maxRequestBytes(MIB).requestBytes(4 * MIB, 64 * MIB));

    List<Answer> requests = IntStream.range(0, 50).mapToObj(i -> compressed(MIB)).toList();

    Await.until("refusals", () -> exhausted(requests).size() == 47);
  }

  private Answer compressed(int size) {
    return client.call(
        RawMethods.of(VERSION, ApiVersion.V1),
        CallOptions.DEFAULT.withCompression("gzip"),
        new Metadata(),
        ByteString.copyFrom(new byte[size]));
  }

  @Test
  void aRequestThatIsTooLargeWhenDecompressedIsRefusedAndNotLogged() throws IOException {
    serve(Rpcs.echo());
    try (CapturedLog log = CapturedLog.capture()) {
      Status status = compressed(64 * MIB).status();

      assertThat(status.getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
      assertThat(status.getDescription()).contains("decompressed");
      assertThat(client.call(VERSION, randomBytes(3)).message()).isEqualTo(randomBytes(3));
      assertThat(log.all()).isEmpty();
    }
  }

  @Test
  void anEndlessStreamIsReadAsFastAsItsClientReads() throws IOException {
    serve(VERBOSE);
    Answer stream = client.open(STREAM, ByteString.EMPTY);
    for (int i = 1; i < 50; i++) {
      int count = i;
      stream.call.request(1);
      Await.until("a message", () -> stream.messages.size() == count);
      stream.messages.set(i - 1, ByteString.EMPTY);
    }
    assertThat(stream.isClosed()).isFalse();
    assertAnotherClientIsServed();
  }

  @Test
  void theAnswerOfACancelledCallCountsForItsConnectionForASecond() throws IOException {
    AtomicInteger forwarded = new AtomicInteger();
    serve(
        (request, listener) -> {
          forwarded.addAndGet(request.method().equals(LIST) ? 1 : 0);
          return VERBOSE.start(request, listener);
        },
        ServerLimits.builder().unreadBytes(4 * MIB, 64 * MIB));
    assertThat(client.call(LIST, ByteString.EMPTY).message()).isEqualTo(LARGE);
    try (RawHttp2Client wire = RawHttp2Client.connect(server.socket())) {
      for (int stream = 1; stream < 600; stream += 2) {
        wire.sendCall(stream, "/runtime.v1.RuntimeService/ListContainers", new byte[0]);
        wire.sendReset(stream);
      }
      // Its answer has no data frames, which would wait behind those of the lists.
      wire.sendCall(601, "/no.Service/NoRpc", new byte[0]);
      wire.awaitEndOfCall(601);
    }
    assertThat(forwarded.get()).as("of 300 lists").isLessThan(30);
    assertAnotherClientIsServed();
  }
}
