package io.crirouter.core;

import static java.util.Objects.requireNonNull;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import io.crirouter.core.RpcStatus.Code;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * A runtime in this JVM, made of one function for each rpc that it has. Every other rpc is answered
 * with UNIMPLEMENTED.
 *
 * <pre>{@code
 * RuntimeBackend backend =
 *     TypedBackend.builder()
 *         .executor(executor)
 *         .unary(Rpc.VERSION, request -> version)
 *         .unary(Rpc.RUN_POD_SANDBOX, vms::run)
 *         .streaming(Rpc.GET_CONTAINER_EVENTS, (request, sink) -> {
 *           Subscription events = vms.subscribe(event -> sink.offer(toCri(event)));
 *           return events::cancel;
 *         })
 *         .build();
 * }</pre>
 *
 * <p><b>Threading.</b> Handlers, and all that they register, run on the given executor, several
 * calls at once. With {@link Builder#direct()} they run on whatever thread brings the call, often
 * an event loop, and must not block.
 *
 * <p><b>Failure.</b> An {@link RpcException} from a handler ends the call with its status, which
 * counts as the runtime's own answer unless its origin is {@link RpcStatus.Origin#UNREACHABLE}.
 * Anything else that a handler throws is logged (logger {@code io.crirouter}) and answered
 * INTERNAL. A request that cannot be parsed is answered INVALID_ARGUMENT. If the executor refuses
 * the work, no answer can be had: UNAVAILABLE with the origin UNREACHABLE.
 *
 * <p><b>Flow control.</b> Messages that the caller has not requested yet wait in a buffer of a
 * fixed size, one for each call: see {@link Sink#offer}.
 */
public final class TypedBackend implements RuntimeBackend {
  static final System.Logger LOG = System.getLogger("io.crirouter");

  private final Map<CriMethod, Handled<?, ?>> rpcs;
  private final Executor executor;
  private final @Nullable Scheduler scheduler;
  private final int bufferedMessages;
  private final String address;

  private TypedBackend(Builder builder, Executor executor) {
    this.rpcs = Map.copyOf(builder.rpcs);
    this.executor = executor;
    this.scheduler = builder.scheduler;
    this.bufferedMessages = builder.bufferedMessages;
    this.address = builder.address;
  }

  /** Answers a unary rpc. */
  @FunctionalInterface
  public interface UnaryHandler<Q extends MessageLite, A extends MessageLite> {
    /**
     * Returns the response to {@code request}.
     *
     * @throws Exception an {@link RpcException} for the status that ends the call; anything else is
     *     a bug and answered INTERNAL
     */
    A handle(Q request) throws Exception;
  }

  /** Answers a streaming rpc, or a unary rpc whose answer comes later. */
  @FunctionalInterface
  public interface StreamingHandler<Q extends MessageLite, A extends MessageLite> {
    /**
     * Starts to answer {@code request}. The call goes on after this method has returned, until
     * {@link Sink#complete} or {@link Sink#fail}.
     *
     * @return run once, on the backend's executor, if the call ends in any other way: it was
     *     cancelled or its time ran out. Then nothing that is offered arrives any more
     * @throws Exception ends the call, as from a {@link UnaryHandler}
     */
    Runnable start(Q request, Sink<A> sink) throws Exception;
  }

  /**
   * Takes the answer to one call. Its methods may be called from any thread; they neither block nor
   * fail when the call is over.
   *
   * @param <A> the response message
   */
  public interface Sink<A extends MessageLite> {
    /** The call: its time limit and headers are of interest to handlers that call on. */
    CriRequest call();

    /**
     * Hands one message over. It is sent at once if the caller waits for one and is kept in the
     * call's buffer otherwise.
     *
     * @return false if the message was not taken, because the buffer is full or the call is over. A
     *     handler of a slow reader then drops the message, ends the call, or tries again when
     *     {@link #onWritable} runs its action
     * @throws IllegalStateException if a unary rpc gets a second message
     */
    boolean offer(A message);

    /**
     * Registers what to do when there is room again after {@link #offer} returned false. It runs on
     * the backend's executor, at least once after each such time unless the call ends before.
     */
    void onWritable(Runnable action);

    /** Ends the call well, after the messages that were taken. */
    void complete();

    /**
     * Ends the call with {@code status}, after the messages that were taken.
     *
     * @throws IllegalArgumentException if the status is OK
     */
    void fail(RpcStatus status);

    /** Whether the call ended, so that there is no use in going on. */
    boolean isOver();
  }

  private record Handled<Q extends MessageLite, A extends MessageLite>(
      Rpc<Q, A> rpc, StreamingHandler<Q, A> handler) {}

  /** A builder of a backend that has no rpc yet. */
  public static Builder builder() {
    return new Builder();
  }

  @Override
  public RuntimeCall start(CriRequest request, ResponseListener listener) {
    requireNonNull(listener, "listener");
    Handled<?, ?> handled = rpcs.get(request.method());
    if (handled != null) {
      return start(handled, request, listener);
    }
    TypedCall<?> call = new TypedCall<>(request, listener, executor, bufferedMessages);
    String message = address + " has no " + request.method().name();
    call.fail(RpcStatus.of(Code.UNIMPLEMENTED, message));
    return call;
  }

  private <Q extends MessageLite, A extends MessageLite> RuntimeCall start(
      Handled<Q, A> handled, CriRequest request, ResponseListener listener) {
    TypedCall<A> call = new TypedCall<>(request, listener, executor, bufferedMessages);
    if (request.timeoutNanos() <= 0) {
      call.expire();
    } else {
      limit(call);
      submit(handled, call);
    }
    return call;
  }

  private void limit(TypedCall<?> call) {
    long nanos = call.call().timeoutNanos();
    if (scheduler != null && nanos != CriRequest.NO_TIMEOUT) {
      call.cancelAtEnd(scheduler.schedule(Duration.ofNanos(nanos), call::expire));
    }
  }

  private <Q extends MessageLite, A extends MessageLite> void submit(
      Handled<Q, A> handled, TypedCall<A> call) {
    try {
      executor.execute(() -> run(handled, call));
    } catch (RejectedExecutionException e) {
      call.fail(RpcStatus.unreachable(address + " takes no more calls: its executor refuses them"));
    }
  }

  /** A handler may throw anything; whatever it is, the caller needs an answer. */
  private <Q extends MessageLite, A extends MessageLite> void run(
      Handled<Q, A> handled, TypedCall<A> call) {
    if (call.isOver()) {
      return;
    }
    try {
      call.runIfAbandoned(handled.handler().start(parse(handled.rpc(), call.call()), call));
    } catch (RpcException e) {
      call.fail(e.status());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      call.fail(RpcStatus.of(Code.UNAVAILABLE, call.name() + " was interrupted"));
    } catch (Throwable e) {
      LOG.log(
          System.Logger.Level.ERROR,
          () -> address + ": the handler of " + call.name() + " failed",
          e);
      call.fail(RpcStatus.of(Code.INTERNAL, call.name() + " failed in the runtime: " + e));
    }
  }

  private static <Q extends MessageLite> Q parse(Rpc<Q, ?> rpc, CriRequest call)
      throws RpcException {
    try {
      return rpc.requests().parseFrom(call.message());
    } catch (InvalidProtocolBufferException e) {
      throw new RpcException(
          Code.INVALID_ARGUMENT,
          "malformed " + call.method().name() + " request: " + e.getMessage());
    }
  }

  @Override
  public String address() {
    return address;
  }

  @Override
  public String toString() {
    return "TypedBackend(" + address + ", " + rpcs.size() + " rpcs)";
  }

  /** Collects the rpcs of a {@link TypedBackend}. Not thread-safe. */
  public static final class Builder {
    private final Map<CriMethod, Handled<?, ?>> rpcs = new LinkedHashMap<>();
    private @Nullable Executor executor;
    private @Nullable Scheduler scheduler;
    private int bufferedMessages = 256;
    private String address = "in process";

    private Builder() {}

    /**
     * Answers a unary rpc with what {@code handler} returns.
     *
     * @throws IllegalArgumentException if it streams, or if it has a handler already
     */
    @CanIgnoreReturnValue
    public <Q extends MessageLite, A extends MessageLite> Builder unary(
        Rpc<Q, A> rpc, UnaryHandler<Q, A> handler) {
      requireNonNull(handler, "handler");
      if (rpc.method().serverStreaming()) {
        throw new IllegalArgumentException(rpc + " streams its answer: use streaming()");
      }
      return streaming(
          rpc,
          (request, sink) -> {
            if (sink.offer(requireNonNull(handler.handle(request), "the handler returned null"))) {
              sink.complete();
            }
            return () -> {};
          });
    }

    /**
     * Answers an rpc by handing its {@link Sink} to {@code handler}. Also for unary rpcs, whose
     * sink takes one message.
     *
     * @throws IllegalArgumentException if it has a handler already
     */
    @CanIgnoreReturnValue
    public <Q extends MessageLite, A extends MessageLite> Builder streaming(
        Rpc<Q, A> rpc, StreamingHandler<Q, A> handler) {
      Handled<Q, A> handled = new Handled<>(rpc, requireNonNull(handler, "handler"));
      if (rpcs.putIfAbsent(rpc.method(), handled) != null) {
        throw new IllegalArgumentException(rpc + " has a handler already");
      }
      return this;
    }

    /** Where handlers run. It stays the caller's own: the backend never shuts it down. */
    @CanIgnoreReturnValue
    public Builder executor(Executor value) {
      executor = requireNonNull(value, "executor");
      return this;
    }

    /** Handlers run on the thread that brings the call. None of them may block. */
    @CanIgnoreReturnValue
    public Builder direct() {
      executor = Runnable::run;
      return this;
    }

    /**
     * By which a call that outlives its time limit is closed with DEADLINE_EXCEEDED. Without one
     * only a call whose deadline has passed on arrival is closed; the caller has to watch the
     * others.
     */
    @CanIgnoreReturnValue
    public Builder scheduler(Scheduler value) {
      scheduler = requireNonNull(value, "scheduler");
      return this;
    }

    /**
     * How many messages of one call may wait for a slow reader, 256 by default.
     *
     * @throws IllegalArgumentException if not positive
     */
    @CanIgnoreReturnValue
    public Builder bufferedMessages(int count) {
      if (count < 1) {
        throw new IllegalArgumentException("a call must buffer 1 message at least, not " + count);
      }
      bufferedMessages = count;
      return this;
    }

    /** What messages to people call this runtime, {@code "in process"} by default. */
    @CanIgnoreReturnValue
    public Builder address(String value) {
      address = requireNonNull(value, "address");
      return this;
    }

    /**
     * The backend.
     *
     * @throws IllegalStateException if neither {@link #executor} nor {@link #direct} was called
     */
    public TypedBackend build() {
      if (executor == null) {
        throw new IllegalStateException(
            "say where handlers run: executor(...), or direct() if none of them blocks");
      }
      return new TypedBackend(this, executor);
    }
  }
}
