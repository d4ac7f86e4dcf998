package io.crirouter.grpc;

import static io.crirouter.grpc.Rpcs.STREAM;
import static io.crirouter.grpc.Services.container;
import static io.crirouter.grpc.Services.stream;
import static io.crirouter.grpc.Services.version;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.crirouter.core.Cancellable;
import io.crirouter.core.CriRequest;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.core.RuntimeCall;
import io.crirouter.core.Scheduler;
import io.crirouter.proto.v1.StreamContainersResponse;
import io.grpc.Context;
import io.grpc.stub.ServerCallStreamObserver;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Flow control, cancellation and deadlines of services in this process. */
class GrpcServiceBackendFlowTest extends GrpcServiceBackendFixture {
  private static final CriRequest STREAM_REQUEST = CriRequest.of(STREAM, ByteString.EMPTY);

  @Test
  void messagesOfAStreamAreDeliveredAsRequested() throws Exception {
    CompletableFuture<Integer> sentWhileReady = new CompletableFuture<>();
    RuntimeBackend backend =
        backend(
            stream(
                (request, observer) -> {
                  var out = (ServerCallStreamObserver<StreamContainersResponse>) observer;
                  AtomicInteger sent = new AtomicInteger();
                  out.setOnReadyHandler(
                      () -> {
                        while (out.isReady() && sent.get() < 5000) {
                          out.onNext(container("c".repeat(100) + sent.getAndIncrement()));
                        }
                        sentWhileReady.complete(sent.get());
                        if (sent.get() == 5000) {
                          sent.incrementAndGet();
                          out.onCompleted();
                        }
                      });
                }));
    ResponseRecorder answer = new ResponseRecorder();
    RuntimeCall call = backend.start(STREAM_REQUEST, answer);

    assertThat(Await.result(sentWhileReady)).as("32 KiB may wait for a reader").isBetween(1, 400);
    assertThat(answer.messages()).isEmpty();
    call.request(3);
    Await.until("three messages", () -> answer.messages().size() == 3);
    assertThat(answer.isClosed()).isFalse();
    call.request(Integer.MAX_VALUE);

    assertThat(answer.status().isOk()).isTrue();
    assertThat(answer.messages()).hasSize(5000);
    assertThat(answer.messages().get(4999))
        .isEqualTo(container("c".repeat(100) + 4999).toByteString());
  }

  @Test
  void aServiceThatFloodsASlowReaderIsCancelled() {
    String large = "x".repeat(1 << 20);
    AtomicBoolean cancelled = new AtomicBoolean();
    RuntimeBackend backend =
        backend(
            stream(
                (request, observer) -> {
                  var out = (ServerCallStreamObserver<StreamContainersResponse>) observer;
                  out.setOnCancelHandler(() -> {});
                  for (int i = 0; i < 100 && !out.isCancelled(); i++) {
                    out.onNext(container(large));
                  }
                  cancelled.set(out.isCancelled());
                }));

    ResponseRecorder answer = new ResponseRecorder();
    RuntimeCall call = backend.start(STREAM_REQUEST, answer);

    assertThat(answer.status().code()).isEqualTo(Code.RESOURCE_EXHAUSTED);
    assertThat(answer.status().message()).contains("faster than its answer is read");
    Await.until("the service to notice", cancelled::get);
    call.request(1);
  }

  @Test
  void cancellationEndsTheCallAndReachesTheService() {
    CompletableFuture<Boolean> context = new CompletableFuture<>();
    CompletableFuture<String> handler = new CompletableFuture<>();
    CountDownLatch started = new CountDownLatch(1);
    RuntimeBackend backend =
        backend(
            stream(
                (request, observer) -> {
                  Context.current()
                      .addListener(c -> context.complete(c.isCancelled()), Runnable::run);
                  ((ServerCallStreamObserver<StreamContainersResponse>) observer)
                      .setOnCancelHandler(() -> handler.complete("cancelled"));
                  started.countDown();
                }));
    ResponseRecorder answer = new ResponseRecorder();
    RuntimeCall call = backend.start(STREAM_REQUEST, answer);
    Await.until("the start", () -> started.getCount() == 0);

    call.cancel("cancelled by the test");

    assertThat(answer.status()).isEqualTo(RpcStatus.of(Code.CANCELLED, "cancelled by the test"));
    assertThat(Await.result(context)).isTrue();
    assertThat(Await.result(handler)).isEqualTo("cancelled");
    call.cancel("again");
  }

  @Test
  void theServiceSeesTheDeadline() {
    CompletableFuture<Long> seen = new CompletableFuture<>();
    RuntimeBackend backend =
        backend(
            version(
                (request, observer) ->
                    seen.complete(
                        Context.current().getDeadline().timeRemaining(TimeUnit.SECONDS))));

    ResponseRecorder.call(backend, versionRequest().withTimeoutNanos(TimeUnit.SECONDS.toNanos(90)));

    assertThat(Await.result(seen)).isBetween(45L, 90L);
  }

  @Test
  void theDeadlineEndsACallThatTheServiceDoesNotAnswer() {
    RuntimeBackend backend = backend(version((request, observer) -> {}));

    ResponseRecorder answer =
        ResponseRecorder.call(
            backend, versionRequest().withTimeoutNanos(TimeUnit.MILLISECONDS.toNanos(50)));

    assertThat(answer.status())
        .isEqualTo(
            RpcStatus.of(Code.DEADLINE_EXCEEDED, "the VMs has not answered Version within 50 ms"));
  }

  @Test
  void theServicesContextIsCancelledAtTheDeadline() {
    CompletableFuture<Context> context = new CompletableFuture<>();
    ManualTimer timer = new ManualTimer();
    RuntimeBackend backend =
        builder()
            .scheduler(timer)
            .service(version((request, observer) -> context.complete(Context.current())))
            .build();
    ResponseRecorder.call(backend, versionRequest().withTimeoutNanos(TimeUnit.HOURS.toNanos(1)));
    Context seen = Await.result(context);

    Await.result(timer.task).run();

    assertThat(seen.cancellationCause()).isInstanceOf(TimeoutException.class);
  }

  /** Keeps the one task that is scheduled, which the test runs. */
  private static final class ManualTimer implements Scheduler {
    final CompletableFuture<Runnable> task = new CompletableFuture<>();

    @Override
    public long nanoTime() {
      return System.nanoTime();
    }

    @Override
    public Instant now() {
      return Instant.now();
    }

    @Override
    public Cancellable schedule(Duration delay, Runnable scheduled) {
      task.complete(scheduled);
      return () -> {};
    }
  }

  @Test
  void aCallThatHasEndedHoldsNoTimer() {
    ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1);
    timer.setRemoveOnCancelPolicy(true);
    RuntimeBackend backend =
        GrpcServiceBackend.builder()
            .direct()
            .scheduler(Scheduler.of(timer))
            .service(version((request, observer) -> observer.onError(new RuntimeException("no"))))
            .build();

    ResponseRecorder.call(backend, versionRequest().withTimeoutNanos(TimeUnit.HOURS.toNanos(1)));

    assertThat(timer.getQueue()).isEmpty();
    timer.shutdownNow();
  }

  @Test
  void itHasNoThreadOfItsOwn() {
    Set<Thread> before = Thread.getAllStackTraces().keySet();
    RuntimeBackend backend =
        GrpcServiceBackend.builder().direct().service(version((request, observer) -> {})).build();

    ResponseRecorder waiting =
        ResponseRecorder.call(
            backend, versionRequest().withTimeoutNanos(TimeUnit.HOURS.toNanos(1)));

    assertThat(waiting.isClosed()).isFalse();
    assertThat(before).containsAll(Thread.getAllStackTraces().keySet());
  }
}
