package io.crirouter.core;

import static java.util.Objects.requireNonNull;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.RpcStatus.Origin;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * One call to a {@link TypedBackend}, with a bounded buffer between the handler's messages and the
 * caller's requests. State is guarded by this object's monitor. The listener is called without it,
 * by one thread at a time.
 */
final class TypedCall<A extends MessageLite> implements RuntimeCall, TypedBackend.Sink<A> {
  private final CriRequest call;
  private final ResponseListener listener;
  private final Executor executor;
  private final int capacity;

  private final Deque<ByteString> buffer = new ArrayDeque<>();
  private long demand;
  private boolean offered;
  private boolean draining;
  private boolean refused;
  private boolean closed;

  /** How the call will end once the buffer is empty; null while the handler may go on. */
  private @Nullable RpcStatus end;

  /** Whether the caller or the deadline ended the call, rather than the handler. */
  private boolean abandoned;

  private @Nullable Runnable onWritable;
  private @Nullable Runnable onAbandoned;
  private @Nullable Cancellable timer;

  TypedCall(CriRequest call, ResponseListener listener, Executor executor, int capacity) {
    this.call = call;
    this.listener = listener;
    this.executor = executor;
    this.capacity = capacity;
  }

  @Override
  public CriRequest call() {
    return call;
  }

  String name() {
    return call.method().name();
  }

  /** Sets what cancels the timer when the call ends. */
  void cancelAtEnd(Cancellable cancelTimer) {
    synchronized (this) {
      if (!closed) {
        timer = cancelTimer;
        return;
      }
    }
    cancelTimer.cancel();
  }

  /**
   * Sets the handler's action for an abandoned call; runs it at once if the call is abandoned
   * already.
   */
  void runIfAbandoned(Runnable action) {
    requireNonNull(action, "what to run on cancellation");
    synchronized (this) {
      if (end == null) {
        onAbandoned = action;
      }
      if (!abandoned) {
        return;
      }
    }
    runOnExecutor(action);
  }

  @Override
  public void request(int count) {
    synchronized (this) {
      demand += Math.max(0, count);
    }
    drain();
  }

  @Override
  public synchronized long heldBytes() {
    return buffer.stream().mapToLong(ByteString::size).sum();
  }

  @Override
  public void cancel(String reason) {
    abandon(RpcStatus.of(Code.CANCELLED, name() + " was cancelled: " + reason));
  }

  void expire() {
    abandon(RpcStatus.of(Code.DEADLINE_EXCEEDED, name() + " took longer than the caller allows"));
  }

  private void abandon(RpcStatus status) {
    Runnable action;
    synchronized (this) {
      if (closed || abandoned) {
        return;
      }
      abandoned = end == null;
      end = status;
      buffer.clear();
      action = onAbandoned;
      onAbandoned = null;
    }
    drain();
    if (action != null) {
      runOnExecutor(action);
    }
  }

  @Override
  public boolean offer(A message) {
    ByteString bytes = message.toByteString();
    synchronized (this) {
      if (end != null) {
        return false;
      }
      if (offered && !call.method().serverStreaming()) {
        throw new IllegalStateException(name() + " is answered with one message, not two");
      }
      if (buffer.size() >= capacity) {
        refused = true;
        return false;
      }
      offered = true;
      buffer.add(bytes);
    }
    drain();
    return true;
  }

  @Override
  public void onWritable(Runnable action) {
    requireNonNull(action, "action");
    synchronized (this) {
      onWritable = action;
      if (!refused || buffer.size() >= capacity || end != null) {
        return;
      }
      refused = false;
    }
    runOnExecutor(action);
  }

  @Override
  public void complete() {
    synchronized (this) {
      boolean answered = offered || call.method().serverStreaming();
      endWith(
          answered
              ? RpcStatus.OK
              : runtimes(RpcStatus.of(Code.INTERNAL, name() + " ended without a response")));
    }
    drain();
  }

  @Override
  public void fail(RpcStatus status) {
    if (status.isOk()) {
      throw new IllegalArgumentException("OK is no failure: call complete()");
    }
    synchronized (this) {
      endWith(runtimes(status));
    }
    drain();
  }

  private void endWith(RpcStatus status) {
    if (end == null) {
      end = status;
      onAbandoned = null;
    }
  }

  /**
   * A handler's status is that of a runtime, even if it was made with the factories of {@link
   * RpcStatus}.
   */
  private static RpcStatus runtimes(RpcStatus status) {
    return status.origin() == Origin.ROUTER
        ? RpcStatus.fromRuntime(status.code(), status.message(), status.trailers())
        : status;
  }

  @Override
  public synchronized boolean isOver() {
    return end != null;
  }

  private void drain() {
    synchronized (this) {
      if (draining) {
        return;
      }
      draining = true;
    }
    Runnable step = nextStep();
    while (step != null) {
      step.run();
      step = nextStep();
    }
  }

  /** The next call of the listener; null, and draining ends, if there is none now. */
  private synchronized @Nullable Runnable nextStep() {
    RpcStatus status = end;
    if (status != null && buffer.isEmpty() && !closed) {
      closed = true;
      Cancellable cancelTimer = timer;
      return () -> close(status, cancelTimer);
    }
    if (demand > 0 && !buffer.isEmpty()) {
      demand--;
      ByteString message = buffer.remove();
      Runnable action = refused && end == null ? onWritable : null;
      refused = refused && action == null;
      return () -> deliver(message, action);
    }
    draining = false;
    return null;
  }

  private void close(RpcStatus status, @Nullable Cancellable cancelTimer) {
    if (cancelTimer != null) {
      cancelTimer.cancel();
    }
    listener.onClose(status);
  }

  private void deliver(ByteString message, @Nullable Runnable writableAction) {
    listener.onMessage(message);
    if (writableAction != null) {
      runOnExecutor(writableAction);
    }
  }

  private void runOnExecutor(Runnable action) {
    try {
      executor.execute(
          () -> {
            try {
              action.run();
            } catch (RuntimeException e) {
              TypedBackend.LOG.log(
                  System.Logger.Level.ERROR, () -> "the handler of " + name() + " failed", e);
            }
          });
    } catch (RejectedExecutionException e) {
      TypedBackend.LOG.log(
          System.Logger.Level.WARNING,
          () -> "the handler of " + name() + " cannot be notified that the call went on or ended",
          e);
    }
  }

  @Override
  public String toString() {
    return "TypedCall(" + call + ")";
  }
}
