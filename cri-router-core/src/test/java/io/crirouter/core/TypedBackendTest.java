package io.crirouter.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.RpcStatus.Origin;
import io.crirouter.proto.v1.ContainerEventResponse;
import io.crirouter.proto.v1.VersionRequest;
import io.crirouter.proto.v1.VersionResponse;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class TypedBackendTest {
  private static final CriMethod VERSION = CriMethod.of("Version");
  private static final CriMethod EVENTS = CriMethod.of("GetContainerEvents");
  private static final VersionResponse ANSWER =
      VersionResponse.newBuilder().setRuntimeName("typed").build();

  private final Answer answer = new Answer();
  private final AtomicReference<TypedBackend.Sink<ContainerEventResponse>> sink =
      new AtomicReference<>();
  private final AtomicReference<TypedBackend.Sink<VersionResponse>> versionSink =
      new AtomicReference<>();
  private final AtomicInteger abandoned = new AtomicInteger();

  @Test
  void answersWithWhatTheHandlerReturns() {
    TypedBackend backend =
        direct()
            .unary(
                Rpc.VERSION,
                request ->
                    VersionResponse.newBuilder().setVersion("for " + request.getVersion()).build())
            .build();
    ByteString request = VersionRequest.newBuilder().setVersion("0.1.0").build().toByteString();

    backend.start(CriRequest.of(VERSION, request), answer).request(1);

    assertThat(answer.messages)
        .containsExactly(
            VersionResponse.newBuilder().setVersion("for 0.1.0").build().toByteString());
    assertThat(answer.status()).isEqualTo(RpcStatus.OK);
  }

  @Test
  void deliversNothingUnasked() {
    RuntimeCall call = version().start(CriRequest.of(VERSION, ByteString.EMPTY), answer);

    assertThat(answer.messages).isEmpty();
    assertThat(answer.closes).as("the message comes before the end").isEmpty();

    call.request(1);
    assertThat(answer.messages).containsExactly(ANSWER.toByteString());
    assertThat(answer.status()).isEqualTo(RpcStatus.OK);
  }

  @Test
  void anRpcWithoutHandlerIsUnimplementedByTheRuntime() {
    version().start(CriRequest.of(CriMethod.of("Status"), ByteString.EMPTY), answer).request(1);

    assertThat(answer.status().code()).isEqualTo(Code.UNIMPLEMENTED);
    assertThat(answer.status().message()).contains("Status");
    assertThat(answer.status().origin()).isEqualTo(Origin.RUNTIME);
  }

  @Test
  void theStatusThatAHandlerThrowsIsTheRuntimesAnswer() {
    CallMetadata trailers = CallMetadata.EMPTY.with("x", ByteString.copyFromUtf8("y"));
    RpcStatus status = RpcStatus.of(Code.NOT_FOUND, "no such vm").withTrailers(trailers);

    failing(status.asException())
        .start(CriRequest.of(VERSION, ByteString.EMPTY), answer)
        .request(1);

    assertThat(answer.status())
        .isEqualTo(RpcStatus.fromRuntime(Code.NOT_FOUND, "no such vm", trailers));
    assertThat(answer.messages).isEmpty();
  }

  @Test
  void aHandlerCanSayThatItsRuntimeIsUnreachable() {
    failing(RpcStatus.unreachable("agent is gone").asException())
        .start(CriRequest.of(VERSION, ByteString.EMPTY), answer)
        .request(1);

    assertThat(answer.status().isUnreachable()).isTrue();
  }

  @Test
  void anyOtherExceptionOfAHandlerIsInternal() {
    failing(new IllegalStateException("boom"))
        .start(CriRequest.of(VERSION, ByteString.EMPTY), answer)
        .request(1);

    assertThat(answer.status().code()).isEqualTo(Code.INTERNAL);
    assertThat(answer.status().message()).contains("Version", "boom");
  }

  @Test
  void aHandlerThatReturnsNothingIsInternal() {
    TypedBackend backend = direct().unary(Rpc.VERSION, request -> null).build();

    backend.start(CriRequest.of(VERSION, ByteString.EMPTY), answer).request(1);

    assertThat(answer.status().code()).isEqualTo(Code.INTERNAL);
    assertThat(answer.status().message()).contains("Version", "the handler returned null");
  }

  @Test
  void aMalformedRequestIsAnInvalidArgument() {
    ByteString cutShort = ByteString.copyFrom(new byte[] {0x0a, 0x7f});

    failing(new AssertionError("the handler ran"))
        .start(CriRequest.of(VERSION, cutShort), answer)
        .request(1);

    assertThat(answer.status().code()).isEqualTo(Code.INVALID_ARGUMENT);
    assertThat(answer.status().message()).contains("Version");
  }

  @Test
  void handlersRunOnTheExecutorAndNotOnTheCallersThread() {
    Queue<Runnable> work = new ArrayDeque<>();
    TypedBackend backend =
        TypedBackend.builder().executor(work::add).unary(Rpc.VERSION, request -> ANSWER).build();

    backend.start(CriRequest.of(VERSION, ByteString.EMPTY), answer).request(1);
    assertThat(answer.closes).isEmpty();

    work.remove().run();
    assertThat(answer.status()).isEqualTo(RpcStatus.OK);
  }

  @Test
  void aCallThatIsCancelledBeforeItsTurnIsNeverHandled() {
    Queue<Runnable> work = new ArrayDeque<>();
    AtomicInteger handled = new AtomicInteger();
    TypedBackend backend =
        TypedBackend.builder()
            .executor(work::add)
            .unary(
                Rpc.VERSION,
                request -> {
                  handled.incrementAndGet();
                  return ANSWER;
                })
            .build();

    backend.start(CriRequest.of(VERSION, ByteString.EMPTY), answer).cancel("caller left");
    work.forEach(Runnable::run);

    assertThat(answer.status().code()).isEqualTo(Code.CANCELLED);
    assertThat(handled).hasValue(0);
  }

  @Test
  void anExecutorThatRefusesWorkMakesTheRuntimeUnreachable() {
    TypedBackend backend =
        TypedBackend.builder()
            .executor(
                task -> {
                  throw new RejectedExecutionException("shut down");
                })
            .unary(Rpc.VERSION, request -> ANSWER)
            .build();

    backend.start(CriRequest.of(VERSION, ByteString.EMPTY), answer).request(1);

    assertThat(answer.status().isUnreachable()).isTrue();
  }

  @Test
  void aStreamGoesNoFasterThanItsReaderAsks() {
    RuntimeCall call = openStream(events(8));
    offer(1, 2, 3);
    assertThat(answer.messages).isEmpty();

    call.request(2);
    assertThat(answer.ids()).containsExactly("1", "2");

    call.request(5);
    offer(4);
    sink.get().complete();
    assertThat(answer.ids()).containsExactly("1", "2", "3", "4");
    assertThat(answer.status()).isEqualTo(RpcStatus.OK);
  }

  @Test
  void aReaderMayAskForMoreFromWithinADelivery() {
    answer.onMessage = () -> answer.call.request(1);
    answer.call = openStream(events(8));
    offer(1, 2, 3);

    answer.call.request(1);

    assertThat(answer.ids()).containsExactly("1", "2", "3");
  }

  @Test
  void aSlowReaderFillsTheBufferAndNoMore() {
    RuntimeCall call = openStream(events(2));
    AtomicInteger writable = new AtomicInteger();
    sink.get().onWritable(writable::incrementAndGet);

    assertThat(sink.get().offer(event(1))).isTrue();
    assertThat(sink.get().offer(event(2))).isTrue();
    assertThat(sink.get().offer(event(3))).as("the buffer holds two").isFalse();
    assertThat(writable).hasValue(0);

    call.request(1);
    assertThat(writable).as("told once there is room").hasValue(1);
    assertThat(sink.get().offer(event(4))).isTrue();

    call.request(10);
    assertThat(answer.ids()).containsExactly("1", "2", "4");
    assertThat(writable).as("told only after a refusal").hasValue(1);
  }

  @Test
  void roomThatCameBeforeAnyoneListenedIsStillTold() {
    RuntimeCall call = openStream(events(1));
    offer(1);
    assertThat(sink.get().offer(event(2))).isFalse();
    call.request(1);
    AtomicInteger writable = new AtomicInteger();

    sink.get().onWritable(writable::incrementAndGet);

    assertThat(writable).hasValue(1);
  }

  @Test
  void aFailureComesAfterTheMessagesBeforeIt() {
    RuntimeCall call = openStream(events(8));
    offer(1);
    sink.get().fail(RpcStatus.of(Code.ABORTED, "vm went away"));
    assertThat(answer.closes).isEmpty();

    call.request(1);
    assertThat(answer.ids()).containsExactly("1");
    assertThat(answer.status().code()).isEqualTo(Code.ABORTED);
  }

  @Test
  void cancellationTellsTheHandlerOnceAndDropsWhatWaits() {
    RuntimeCall call = openStream(events(8));
    offer(1);

    call.cancel("kubelet restarts");
    call.cancel("again");
    call.request(1);

    assertThat(answer.status().code()).isEqualTo(Code.CANCELLED);
    assertThat(answer.status().message()).contains("kubelet restarts");
    assertThat(answer.messages).isEmpty();
    assertThat(abandoned).hasValue(1);
    assertThat(sink.get().isOver()).isTrue();
    assertThat(sink.get().offer(event(2))).isFalse();
  }

  @Test
  void aHandlerThatEndedItsCallIsNotToldOfACancellation() {
    RuntimeCall call = openStream(events(8));
    sink.get().complete();

    call.cancel("late");

    assertThat(answer.status()).isEqualTo(RpcStatus.OK);
    assertThat(abandoned).hasValue(0);
  }

  @Test
  void aHandlerThatIsCancelledWhileItStartsIsToldAfterwards() {
    TypedBackend backend =
        direct()
            .streaming(
                Rpc.GET_CONTAINER_EVENTS,
                (request, opened) -> {
                  ((RuntimeCall) opened).cancel("while starting");
                  return abandoned::incrementAndGet;
                })
            .build();

    RuntimeCall unused = backend.start(CriRequest.of(EVENTS, ByteString.EMPTY), answer);

    assertThat(answer.status().code()).isEqualTo(Code.CANCELLED);
    assertThat(abandoned).hasValue(1);
  }

  @Test
  void aCallThatOutlivesItsTimeLimitIsClosedAndItsHandlerTold() {
    OneTimer timer = new OneTimer();
    openStream(events(8).scheduler(timer), Duration.ofSeconds(3));
    assertThat(timer.delay).isEqualTo(Duration.ofSeconds(3));

    timer.fire();

    assertThat(answer.status().code()).isEqualTo(Code.DEADLINE_EXCEEDED);
    assertThat(answer.status().origin()).isEqualTo(Origin.ROUTER);
    assertThat(abandoned).hasValue(1);
  }

  @Test
  void theTimerOfACallThatEndedIsCancelled() {
    OneTimer timer = new OneTimer();
    openStream(events(8).scheduler(timer), Duration.ofSeconds(3));

    sink.get().complete();

    assertThat(timer.cancelled).isTrue();
  }

  @Test
  void aCallWhoseTimeIsOverOnArrivalIsNotHandled() {
    openStream(events(8), Duration.ZERO);

    assertThat(answer.status().code()).isEqualTo(Code.DEADLINE_EXCEEDED);
    assertThat(sink).hasValue(null);
  }

  @Test
  void aUnaryAnswerMayComeLater() {
    TypedBackend backend = later();
    backend.start(CriRequest.of(VERSION, ByteString.EMPTY), answer).request(1);
    assertThat(answer.closes).isEmpty();

    assertThat(versionSink.get().offer(ANSWER)).isTrue();
    versionSink.get().complete();

    assertThat(answer.messages).containsExactly(ANSWER.toByteString());
    assertThat(answer.status()).isEqualTo(RpcStatus.OK);
  }

  @Test
  void aUnaryCallTakesExactlyOneMessage() {
    later().start(CriRequest.of(VERSION, ByteString.EMPTY), answer).request(1);
    assertThat(versionSink.get().offer(ANSWER)).isTrue();
    assertThatIllegalStateException().isThrownBy(() -> versionSink.get().offer(ANSWER));

    Answer unanswered = new Answer();
    later().start(CriRequest.of(VERSION, ByteString.EMPTY), unanswered).request(1);
    versionSink.get().complete();
    assertThat(unanswered.status().code()).isEqualTo(Code.INTERNAL);
  }

  @Test
  void messagesFromManyThreadsArriveOneAtATimeAndOnce() throws Exception {
    int producers = 4;
    int each = 500;
    RuntimeCall call = openStream(events(producers * each));
    answer.onMessage = () -> call.request(1);
    ExecutorService threads = Executors.newFixedThreadPool(producers);
    CountDownLatch done = new CountDownLatch(producers);
    for (int p = 0; p < producers; p++) {
      int first = p * each;
      threads.execute(
          () -> {
            for (int i = 0; i < each; i++) {
              assertThat(sink.get().offer(event(first + i))).isTrue();
              call.request(1);
            }
            done.countDown();
          });
    }
    assertThat(done.await(20, TimeUnit.SECONDS)).isTrue();
    threads.shutdown();
    sink.get().complete();

    assertThat(answer.overlaps).as("listener calls never overlap").hasValue(0);
    assertThat(answer.ids()).hasSize(producers * each).doesNotHaveDuplicates();
    assertThat(answer.status()).isEqualTo(RpcStatus.OK);
  }

  @Test
  void theBuilderRefusesWhatCannotWork() {
    TypedBackend.Builder builder = direct();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.unary(Rpc.GET_CONTAINER_EVENTS, r -> event(1)))
        .withMessageContaining("streaming()");
    builder.unary(Rpc.VERSION, request -> ANSWER);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.unary(Rpc.VERSION, r -> ANSWER))
        .withMessageContaining("already");
    assertThatIllegalArgumentException().isThrownBy(() -> builder.bufferedMessages(0));
    assertThatIllegalStateException()
        .isThrownBy(() -> TypedBackend.builder().build())
        .withMessageContaining("executor");
  }

  private static TypedBackend.Builder direct() {
    return TypedBackend.builder().direct();
  }

  private static TypedBackend version() {
    return direct().unary(Rpc.VERSION, request -> ANSWER).build();
  }

  private static TypedBackend failing(Throwable failure) {
    return direct()
        .unary(
            Rpc.VERSION,
            request -> {
              if (failure instanceof Error error) {
                throw error;
              }
              throw (Exception) failure;
            })
        .build();
  }

  private TypedBackend later() {
    return direct()
        .streaming(
            Rpc.VERSION,
            (request, opened) -> {
              versionSink.set(opened);
              return abandoned::incrementAndGet;
            })
        .build();
  }

  private TypedBackend.Builder events(int buffered) {
    return direct()
        .bufferedMessages(buffered)
        .streaming(
            Rpc.GET_CONTAINER_EVENTS,
            (request, opened) -> {
              sink.set(opened);
              return abandoned::incrementAndGet;
            });
  }

  private RuntimeCall openStream(TypedBackend.Builder builder) {
    return builder.build().start(CriRequest.of(EVENTS, ByteString.EMPTY), answer);
  }

  private void openStream(TypedBackend.Builder builder, Duration timeout) {
    CriRequest request =
        CriRequest.of(EVENTS, ByteString.EMPTY).withTimeoutNanos(timeout.toNanos());
    RuntimeCall unused = builder.build().start(request, answer);
  }

  private void offer(int... numbers) {
    for (int number : numbers) {
      assertThat(sink.get().offer(event(number))).isTrue();
    }
  }

  private static ContainerEventResponse event(int number) {
    return ContainerEventResponse.newBuilder().setContainerId(Integer.toString(number)).build();
  }

  /** Keeps what it hears. */
  private static final class Answer implements ResponseListener {
    final List<ByteString> messages = new ArrayList<>();
    final List<RpcStatus> closes = new ArrayList<>();
    final AtomicInteger overlaps = new AtomicInteger();
    private final AtomicInteger inside = new AtomicInteger();
    RuntimeCall call = RuntimeCall.ENDED;
    Runnable onMessage = () -> {};

    @Override
    public void onMessage(ByteString message) {
      overlaps.addAndGet(inside.getAndIncrement());
      messages.add(message);
      onMessage.run();
      inside.decrementAndGet();
    }

    @Override
    public void onClose(RpcStatus status) {
      closes.add(status);
    }

    RpcStatus status() {
      assertThat(closes).as("a call is closed exactly once").hasSize(1);
      return closes.get(0);
    }

    List<String> ids() {
      List<String> ids = new ArrayList<>();
      for (ByteString message : messages) {
        try {
          ids.add(ContainerEventResponse.parseFrom(message).getContainerId());
        } catch (InvalidProtocolBufferException e) {
          throw new AssertionError(e);
        }
      }
      return ids;
    }
  }

  /** Holds the one task that it was given. */
  private static final class OneTimer implements Scheduler {
    @Override
    public java.time.Instant now() {
      return java.time.Instant.EPOCH;
    }

    Duration delay = Duration.ZERO;
    boolean cancelled;
    private Runnable task = () -> {};

    @Override
    public long nanoTime() {
      return 0;
    }

    @Override
    public Cancellable schedule(Duration after, Runnable scheduled) {
      delay = after;
      task = scheduled;
      return () -> cancelled = true;
    }

    void fire() {
      task.run();
    }
  }
}
