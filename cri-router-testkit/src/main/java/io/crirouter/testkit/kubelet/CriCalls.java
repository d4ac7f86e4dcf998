package io.crirouter.testkit.kubelet;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import io.crirouter.core.CriMethod;
import io.crirouter.core.CriRequest;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.core.RuntimeCall;
import io.crirouter.core.Scheduler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The calls of one kubelet process. Responses are delivered as tasks of the scheduler, one after
 * the other, so that no callback runs inside a call.
 */
final class CriCalls {
  /** The kubelet's runtimeRequestTimeout. */
  static final Duration TIMEOUT = Duration.ofMinutes(2);

  private static final int UNLIMITED_MESSAGES = 1_000_000;

  private final RuntimeBackend runtime;
  private final Scheduler time;
  private final Set<Call> open = new LinkedHashSet<>();
  private boolean stopped;

  CriCalls(RuntimeBackend runtime, Scheduler time) {
    this.runtime = runtime;
    this.time = time;
  }

  /** Calls a unary rpc with the usual timeout. */
  <R extends Message> CompletableFuture<R> call(String rpc, Message request, Parser<R> parser) {
    return call(rpc, request, parser, TIMEOUT);
  }

  /** Calls a unary rpc; fails with a {@link CallFailure}, or never if the process stops. */
  <R extends Message> CompletableFuture<R> call(
      String rpc, Message request, Parser<R> parser, Duration limit) {
    CompletableFuture<R> answer = new CompletableFuture<>();
    List<ByteString> messages = new ArrayList<>();
    Call call = new Call(messages::add, status -> end(rpc, parser, messages, status, answer));
    start(call, rpc, request, limit.toNanos(), 1);
    later(
        limit,
        () -> {
          if (open.contains(call)) {
            call.handle.cancel("the kubelet's timeout");
            call.close(RpcStatus.of(Code.DEADLINE_EXCEEDED, rpc + " timed out at the kubelet"));
          }
        });
    return answer;
  }

  private static <R extends Message> void end(
      String rpc,
      Parser<R> parser,
      List<ByteString> messages,
      RpcStatus status,
      CompletableFuture<R> answer) {
    boolean unused;
    if (!status.isOk()) {
      unused = answer.completeExceptionally(new CallFailure(rpc, status));
      return;
    }
    try {
      ByteString whole = messages.stream().reduce(ByteString.EMPTY, ByteString::concat);
      unused = answer.complete(parser.parseFrom(whole));
    } catch (InvalidProtocolBufferException e) {
      RpcStatus malformed = RpcStatus.of(Code.INTERNAL, "malformed answer: " + e.getMessage());
      unused = answer.completeExceptionally(new CallFailure(rpc, malformed));
    }
  }

  /** Calls a streaming rpc without a timeout. */
  void stream(
      String rpc, Message request, Consumer<ByteString> onMessage, Consumer<RpcStatus> onEnd) {
    start(new Call(onMessage, onEnd), rpc, request, CriRequest.NO_TIMEOUT, UNLIMITED_MESSAGES);
  }

  private void start(Call call, String rpc, Message request, long timeoutNanos, int messages) {
    if (stopped) {
      return;
    }
    open.add(call);
    call.handle =
        runtime.start(
            CriRequest.of(CriMethod.of(rpc), request.toByteString()).withTimeoutNanos(timeoutNanos),
            call);
    call.handle.request(messages);
  }

  /** Schedules {@code action}, which does not run if the process has stopped by then. */
  void later(Duration delay, Runnable action) {
    var unused =
        time.schedule(
            delay,
            () -> {
              if (!stopped) {
                action.run();
              }
            });
  }

  /** Ignores the failure of a call. Fails the test for any other exception. */
  void ignoreCallFailure(@Nullable Throwable failure) {
    if (failure != null && !CallFailure.is(failure)) {
      later(
          Duration.ZERO,
          () -> {
            throw new AssertionError("the kubelet simulator has failed", failure);
          });
    }
  }

  /** Stops the process as if it was killed: cancels its calls and ignores their responses. */
  void stop() {
    stopped = true;
    List.copyOf(open).forEach(call -> call.handle.cancel("the kubelet has stopped"));
    open.clear();
  }

  /** One open call. */
  private final class Call implements ResponseListener {
    private final Consumer<ByteString> onMessage;
    private final Consumer<RpcStatus> onEnd;
    private RuntimeCall handle = RuntimeCall.ENDED;

    Call(Consumer<ByteString> onMessage, Consumer<RpcStatus> onEnd) {
      this.onMessage = onMessage;
      this.onEnd = onEnd;
    }

    @Override
    public void onMessage(ByteString message) {
      later(Duration.ZERO, () -> ifOpen(() -> onMessage.accept(message)));
    }

    @Override
    public void onClose(RpcStatus status) {
      later(Duration.ZERO, () -> close(status));
    }

    private void close(RpcStatus status) {
      ifOpen(
          () -> {
            open.remove(this);
            onEnd.accept(status);
          });
    }

    private void ifOpen(Runnable action) {
      if (open.contains(this)) {
        action.run();
      }
    }
  }
}
