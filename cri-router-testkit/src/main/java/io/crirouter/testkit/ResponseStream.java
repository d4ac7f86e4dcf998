package io.crirouter.testkit;

import static java.util.Objects.requireNonNull;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The response to a call, taken one message at a time. Each wait is limited to 10 s. May be used
 * from any thread.
 *
 * @param <R> the type of the messages
 */
public final class ResponseStream<R> implements AutoCloseable {
  private final ClientCall<?, R> call;
  private final String rpc;
  private final Deque<R> messages = new ArrayDeque<>();
  private @Nullable Status end;

  private ResponseStream(ClientCall<?, R> call, String rpc) {
    this.call = call;
    this.rpc = rpc;
  }

  static <Q, R> ResponseStream<R> open(
      ClientCall<Q, R> call, MethodDescriptor<Q, R> rpc, Q request, int window) {
    if (window < 1) {
      throw new IllegalArgumentException("window must be at least 1, not " + window);
    }
    ResponseStream<R> stream = new ResponseStream<>(call, String.valueOf(rpc.getBareMethodName()));
    call.start(stream.new Reader(), new Metadata());
    call.request(window);
    call.sendMessage(request);
    call.halfClose();
    return stream;
  }

  /**
   * Waits for the next message and takes it.
   *
   * @throws AssertionError if the stream ends, or if no message comes within 10 s
   */
  @CanIgnoreReturnValue
  public R next() {
    return next(message -> true);
  }

  /**
   * Waits for the next message that matches {@code wanted} and takes it. Messages before it are
   * dropped.
   *
   * @throws AssertionError if the stream ends first, or if no message comes within 10 s
   */
  @CanIgnoreReturnValue
  public R next(Predicate<? super R> wanted) {
    List<R> dropped = new ArrayList<>();
    while (true) {
      R message =
          messageOrEnd(dropped)
              .orElseThrow(
                  () ->
                      new AssertionError(
                          rpc
                              + " ended with "
                              + end()
                              + " after "
                              + dropped
                              + ": a message is missing"));
      if (wanted.test(message)) {
        return message;
      }
      dropped.add(message);
    }
  }

  /** Takes the next message if it has arrived. */
  public Optional<R> poll() {
    Optional<R> message;
    synchronized (this) {
      message = Optional.ofNullable(messages.poll());
    }
    replenish(message);
    return message;
  }

  /** Waits for the next message; empty if the stream has ended. */
  private Optional<R> messageOrEnd(List<R> before) {
    Optional<R> message =
        Waiting.until(
            this,
            () -> {
              Optional<R> first = Optional.ofNullable(messages.poll());
              return first.isPresent() || end != null ? Optional.of(first) : Optional.empty();
            },
            () -> "nothing more came from " + rpc + " after " + before);
    replenish(message);
    return message;
  }

  /** Called without the lock: the backend may deliver on this thread. */
  private void replenish(Optional<R> taken) {
    if (taken.isPresent()) {
      call.request(1);
    }
  }

  /**
   * Waits for the end of the stream and returns the messages up to it.
   *
   * @throws AssertionError if it ends with an error, or if nothing comes for 10 s
   */
  public List<R> rest() {
    List<R> all = new ArrayList<>();
    Status status = awaitEnd(all);
    if (!status.isOk()) {
      throw new AssertionError(rpc + " ended with " + status + " after " + all);
    }
    return all;
  }

  /**
   * Waits for the end of the stream and returns its status. Messages before it are dropped.
   *
   * @throws AssertionError if neither a message nor the end comes for 10 s
   */
  public Status awaitEnd() {
    return awaitEnd(new ArrayList<>());
  }

  private Status awaitEnd(List<R> read) {
    for (Optional<R> message = messageOrEnd(read);
        message.isPresent();
        message = messageOrEnd(read)) {
      read.add(message.get());
    }
    return end();
  }

  private synchronized Status end() {
    return requireNonNull(end, "end");
  }

  /** Cancels the call if it is open. */
  @Override
  public void close() {
    call.cancel("the test closed the stream", null);
  }

  private synchronized void add(R message) {
    messages.add(message);
    notifyAll();
  }

  private synchronized void end(Status status) {
    end = status;
    notifyAll();
  }

  @Override
  public synchronized String toString() {
    return "ResponseStream(" + rpc + ", " + (end == null ? "open" : end.getCode()) + ")";
  }

  private final class Reader extends ClientCall.Listener<R> {
    @Override
    public void onMessage(R message) {
      add(message);
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      end(status);
    }
  }
}
