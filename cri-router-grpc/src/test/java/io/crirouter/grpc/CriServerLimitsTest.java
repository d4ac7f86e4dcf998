package io.crirouter.grpc;

import static io.crirouter.grpc.Rpcs.EVENTS;
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
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a client that takes too much gets, and what a client beside it does. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class CriServerLimitsTest extends CriServerFixture {
  private static final int MIB = 1 << 20;
  private static final ByteString LARGE = randomBytes(MIB);

  /** Answers lists with a mebibyte, and any stream with mebibytes without end. */
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

  private void serve(RuntimeBackend backend, ServerLimits.Builder limits) throws IOException {
    serve(CriServer.builder(backend).limits(limits.build()));
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
  void answersThatNobodyReadsEndFurtherCalls() throws IOException {
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
  void beforeTheFirstAnswerToAListFewOfManyReachTheBackend() throws IOException {
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
  void aStreamedListThatIsLongerThanTheLastOneCountsAsItIs() throws IOException {
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

  /** A list of which one piece is sent, and the rest held until it is requested. */
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
  void aRequestWhoseAnswerWouldBeTooMuchDoesNotReachTheBackend() throws IOException {
    AtomicInteger asked = new AtomicInteger();
    serve(
        (request, listener) -> {
          asked.incrementAndGet();
          return VERBOSE.start(request, listener);
        },
        ServerLimits.builder().unreadBytes(4 * MIB, 64 * MIB));
    assertThat(client.call(LIST, ByteString.EMPTY).message()).isEqualTo(LARGE);

    List<Answer> lists = openLists(client, 100);

    Await.until("refusals", () -> exhausted(lists).size() >= 90);
    assertThat(asked.get()).isLessThan(11);
  }

  @Test
  void oneAnswerAloneMayBeLargerThanTheLimit() throws IOException {
    serve(VERBOSE, ServerLimits.builder().unreadBytes(1000, 1000));

    assertThat(client.call(LIST, ByteString.EMPTY).message()).isEqualTo(LARGE);
    assertThat(client.call(LIST, ByteString.EMPTY).message()).isEqualTo(LARGE);
  }

  @Test
  void whoeverLeavesAnswersUnreadForTheLongestTimeMakesRoom() throws IOException {
    serve(VERBOSE, ServerLimits.builder().unreadBytes(4 * MIB, 8 * MIB));
    List<RawClient> hoarders =
        IntStream.range(0, 3).mapToObj(i -> RawClient.hoarder(server.socket())).toList();
    List<Answer> hoarded = new ArrayList<>();
    for (RawClient hoarder : hoarders) {
      List<Answer> lists = openLists(hoarder, 20);
      Await.until("its part is full", () -> !exhausted(lists).isEmpty());
      hoarded.addAll(lists);
    }
    assertThat(client.call(LIST, ByteString.EMPTY).status().getCode())
        .as("there is no room for now")
        .isEqualTo(Status.Code.RESOURCE_EXHAUSTED);

    Await.until("a list", () -> client.call(LIST, ByteString.EMPTY).status().isOk());

    hoarded.forEach(answer -> answer.call.request(2));
    assertThat(hoarded.subList(0, 20))
        .extracting(answer -> String.valueOf(answer.status()))
        .as("the first hoarder is hung up on, and told so if it reads that")
        .anyMatch(s -> s.contains("answers stay unread") || s.contains("UNAVAILABLE"));
    hoarders.forEach(RawClient::close);
  }

  @Test
  void unfinishedRequestsEndFurtherCalls() throws IOException {
    serve(VERBOSE, ServerLimits.builder().maxRequestBytes(MIB).requestBytes(4 * MIB, 64 * MIB));

    List<Answer> requests =
        IntStream.range(0, 50).mapToObj(i -> client.unfinished(VERSION, LARGE)).toList();

    // They come in side by side, so that it is not the last ones that are too many.
    Await.until("refusals", () -> exhausted(requests).size() >= 40);
    assertThat(exhausted(requests).get(0).status().getDescription())
        .startsWith("Version: the requests under way");
    assertAnotherClientIsServed();
    assertThat(client.call(VERSION, randomBytes(3)).message()).isEqualTo(randomBytes(3));
  }

  @Test
  void whoeverLeavesARequestUnfinishedForTheLongestTimeMakesRoom() throws IOException {
    serve(VERBOSE, ServerLimits.builder().maxRequestBytes(MIB).requestBytes(4 * MIB, 4 * MIB));
    List<Answer> hoarded = new ArrayList<>();
    ByteString part = randomBytes(64 << 10);
    try (RawClient hoarder = new RawClient(server.socket())) {
      Await.until(
          "all is taken",
          () -> {
            hoarded.add(hoarder.unfinished(VERSION, part));
            return !exhausted(hoarded).isEmpty();
          });

      Await.until("room", () -> client.call(VERSION, LARGE).status().isOk());

      assertThat(exhausted(hoarded))
          .anyMatch(answer -> answer.status().getDescription().contains("stays unfinished"));
    }
  }

  @Test
  void aRequestCountsAsItIsWhenDecompressed() throws IOException {
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
  void aRequestThatIsTooLargeWhenDecompressedIsRefusedWithoutALine() throws IOException {
    serve(Rpcs.echo());
    try (LoggedLines lines = LoggedLines.capture()) {
      Status status = compressed(64 * MIB).status();

      assertThat(status.getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
      assertThat(status.getDescription()).contains("decompressed");
      assertThat(client.call(VERSION, randomBytes(3)).message()).isEqualTo(randomBytes(3));
      assertThat(lines.all()).isEmpty();
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
  void aClientThatResetsItsCallsWithoutEndIsHungUpOn() throws IOException {
    serve(held, ServerLimits.builder().resets(100, Duration.ofSeconds(10)));
    try (Http2Wire wire = Http2Wire.connect(server.socket())) {
      sendAndReset(wire, 100);
      wire.sendCall(201, "/runtime.v1.RuntimeService/Status", new byte[0]);
      Await.until("the last call", () -> held.next().request.method().equals(Rpcs.STATUS));

      sendAndReset(wire, 1, 203);

      assertThat(wire.awaitEnd()).as("ENHANCE_YOUR_CALM").isEqualTo(11);
    }
  }

  @Test
  void whatAClientOrdersAndDoesNotTakeCountsAsItsOwnForASecond() throws IOException {
    AtomicInteger asked = new AtomicInteger();
    serve(
        (request, listener) -> {
          asked.addAndGet(request.method().equals(LIST) ? 1 : 0);
          return VERBOSE.start(request, listener);
        },
        ServerLimits.builder().unreadBytes(4 * MIB, 64 * MIB));
    assertThat(client.call(LIST, ByteString.EMPTY).message()).isEqualTo(LARGE);
    try (Http2Wire wire = Http2Wire.connect(server.socket())) {
      for (int stream = 1; stream < 600; stream += 2) {
        wire.sendCall(stream, "/runtime.v1.RuntimeService/ListContainers", new byte[0]);
        wire.sendReset(stream);
      }
      // Its answer has no bytes that would have to wait for those of the lists.
      wire.sendCall(601, "/no.Service/NoRpc", new byte[0]);
      wire.awaitEndOfCall(601);
    }
    assertThat(asked.get()).as("of 300 lists").isLessThan(30);
    assertAnotherClientIsServed();
  }

  private static void sendAndReset(Http2Wire wire, int count) throws IOException {
    sendAndReset(wire, count, 1);
  }

  private static void sendAndReset(Http2Wire wire, int count, int firstStream) throws IOException {
    for (int i = 0; i < count; i++) {
      int stream = firstStream + 2 * i;
      wire.sendCall(stream, "/runtime.v1.RuntimeService/Version", new byte[0]);
      wire.sendReset(stream);
    }
  }

  @Test
  void aConnectionWithoutCallsEndsAfterAWhile() throws IOException {
    serve(Rpcs.echo(), ServerLimits.builder().idleTimeout(Duration.ofMillis(100)));
    try (Http2Wire wire = Http2Wire.connect(server.socket())) {
      assertThat(wire.awaitEnd()).as("NO_ERROR").isZero();
    }
  }

  @Test
  void aConnectionWithACallDoesNotEnd() throws IOException {
    serve(held, ServerLimits.builder().idleTimeout(Duration.ofMillis(100)));
    Answer events = client.call(EVENTS, ByteString.EMPTY);
    HeldBackend.Held call = held.next();
    try (Http2Wire wire = Http2Wire.connect(server.socket())) {
      wire.awaitEnd();
    }

    call.listener.onMessage(randomBytes(3));
    call.listener.onClose(RpcStatus.OK);

    assertThat(events.message()).isEqualTo(randomBytes(3));
  }

  @Test
  void aConnectionThatNeverSpeaksEndsAfterAWhile() throws IOException {
    serve(Rpcs.echo(), ServerLimits.builder().handshakeTimeout(Duration.ofMillis(100)));
    try (SocketChannel silent = connect()) {
      awaitEnd(silent);
    }
  }

  private SocketChannel connect() throws IOException {
    SocketChannel socket = SocketChannel.open(StandardProtocolFamily.UNIX);
    socket.connect(UnixDomainSocketAddress.of(server.socket()));
    return socket;
  }

  private static void awaitEnd(SocketChannel socket) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(1000);
    while (socket.read(buffer.clear()) >= 0) {
      // The server's settings.
    }
  }

  @Test
  void thereAreSoManyConnectionsAndThoseWithoutCallsGiveWay() throws IOException {
    serve(held, ServerLimits.builder().connections(3));
    Answer busy = client.call(VERSION, ByteString.EMPTY);
    HeldBackend.Held call = held.next();
    try (SocketChannel first = connect();
        SocketChannel second = connect();
        RawClient third = new RawClient(server.socket())) {
      Answer late = third.call(VERSION, ByteString.EMPTY);
      held.next().answer(randomBytes(4));
      assertThat(late.message()).isEqualTo(randomBytes(4));
      awaitEnd(first);

      call.answer(randomBytes(3));
      assertThat(busy.message()).isEqualTo(randomBytes(3));
      assertThat(second.isOpen()).isTrue();
    }
  }

  @Test
  void connectionsThatNeverHadACallGiveWayFirst() throws IOException {
    serve(Rpcs.echo(), ServerLimits.builder().connections(2));
    try (Http2Wire wire = Http2Wire.connect(server.socket())) {
      wire.sendCall("/runtime.v1.RuntimeService/Version", new byte[0]);
      wire.awaitEndOfCall();
      for (int i = 0; i < 10; i++) {
        try (SocketChannel silent = connect();
            SocketChannel another = connect()) {
          awaitEnd(silent);
          assertThat(another.isOpen()).isTrue();
        }
      }
      wire.sendCall(3, "/runtime.v1.RuntimeService/Version", new byte[0]);
      wire.awaitEndOfCall();
    }
  }

  @Test
  void aConnectionTooManyIsClosedIfAllHaveCalls() throws IOException {
    serve(held, ServerLimits.builder().connections(1));
    Answer busy = client.call(VERSION, ByteString.EMPTY);
    HeldBackend.Held call = held.next();
    try (SocketChannel surplus = connect()) {
      awaitEnd(surplus);
    }
    call.answer(randomBytes(3));
    assertThat(busy.message()).isEqualTo(randomBytes(3));
  }
}
