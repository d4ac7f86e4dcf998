package io.crirouter.grpc;

import com.google.common.util.concurrent.MoreExecutors;
import com.google.protobuf.ByteString;
import io.crirouter.core.CriRequest;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.RuntimeCall;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerMethodDefinition;
import io.grpc.Status;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One call to a gRPC service in this process, as the service sees it. The listener of the service
 * is called on its executor, one event at a time. What the service sends goes to the {@link
 * ServiceAnswer}.
 */
final class ServiceCall<Q, A> extends ServerCall<Q, A> implements ServiceAnswer.Service {
  private static final RateLimitedLog LOG = RateLimitedLog.of(ServiceCall.class);

  private final ServerMethodDefinition<Q, A> definition;
  private final CriRequest request;
  private final String address;
  private final ServiceAnswer answer;
  private final Executor serviceExecutor;
  private final Context.CancellableContext context;
  private volatile boolean cancelled;

  // Used on the service's executor only.
  private @Nullable Q message;
  private @Nullable Listener<Q> listener;

  private ServiceCall(
      ServerMethodDefinition<Q, A> definition,
      CriRequest request,
      ResponseListener receiver,
      String address,
      Executor executor,
      ScheduledExecutorService timer) {
    this.definition = definition;
    this.request = request;
    this.address = address;
    this.answer = new ServiceAnswer(request, receiver, this);
    this.serviceExecutor = MoreExecutors.newSequentialExecutor(executor);
    this.context = contextOf(request, timer);
  }

  /**
   * Starts a call whose answer goes to {@code receiver}.
   *
   * @param address the name of the runtime in messages
   * @param executor runs the service
   * @param timer cancels the context at the deadline
   */
  static RuntimeCall start(
      ServerMethodDefinition<?, ?> definition,
      CriRequest request,
      ResponseListener receiver,
      String address,
      Executor executor,
      ScheduledExecutorService timer) {
    ServiceCall<?, ?> call =
        new ServiceCall<>(definition, request, receiver, address, executor, timer);
    call.context.addListener(unused -> call.contextEnded(), Runnable::run);
    try {
      call.serviceExecutor.execute(() -> call.guarded(call::begin));
    } catch (RejectedExecutionException e) {
      call.answer.cutOff(
          RpcStatus.unreachable(address + " takes no more calls: its executor refuses them"));
    }
    return call.answer;
  }

  /** The context of the service. It does not inherit that of the calling thread. */
  private static Context.CancellableContext contextOf(
      CriRequest request, ScheduledExecutorService timer) {
    return request.timeoutNanos() == CriRequest.NO_TIMEOUT
        ? Context.ROOT.withCancellation()
        : Context.ROOT.withDeadline(
            Deadline.after(request.timeoutNanos(), TimeUnit.NANOSECONDS), timer);
  }

  private void contextEnded() {
    if (context.cancellationCause() instanceof TimeoutException) {
      answer.cutOff(
          RpcStatus.of(
              Code.DEADLINE_EXCEEDED,
              address
                  + " has not answered "
                  + request.method().name()
                  + " within "
                  + Durations.text(Math.max(0, request.timeoutNanos()))));
    }
  }

  private void begin() {
    try {
      message = definition.getMethodDescriptor().parseRequest(request.message().newInput());
    } catch (RuntimeException e) {
      answer.cutOff(
          RpcStatus.of(
              Code.INVALID_ARGUMENT,
              "malformed " + request.method().name() + " request to " + address + ": " + e));
      return;
    }
    if (!cancelled) {
      listener =
          definition.getServerCallHandler().startCall(this, Headers.toGrpc(request.metadata()));
      listener.onReady();
    }
  }

  // Events of the answer.

  @Override
  public void ready() {
    notifyService(Listener::onReady);
  }

  @Override
  public void ended(boolean byCaller) {
    cancelled = byCaller;
    // The running service sees the cancelled context before the listener is called.
    context.cancel(byCaller ? new CancellationException("the call was cancelled") : null);
    notifyService(byCaller ? Listener::onCancel : Listener::onComplete);
  }

  // Calls of the service.

  @Override
  public void request(int count) {
    notifyService(
        service -> {
          Q request = message;
          if (request != null && !cancelled && count > 0) {
            message = null;
            service.onMessage(request);
            service.onHalfClose();
          }
        });
  }

  @Override
  public void sendHeaders(Metadata headers) {
    answer.headers(Headers.fromGrpc(headers));
  }

  @Override
  public void sendMessage(A response) {
    try (InputStream bytes = definition.getMethodDescriptor().streamResponse(response)) {
      answer.message(ByteString.readFrom(bytes));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close(Status status, Metadata trailers) {
    answer.close(Statuses.fromRuntime(status, trailers));
  }

  @Override
  public boolean isReady() {
    return !cancelled && answer.isReady();
  }

  @Override
  public boolean isCancelled() {
    return cancelled;
  }

  @Override
  public String getAuthority() {
    return "localhost";
  }

  @Override
  public MethodDescriptor<Q, A> getMethodDescriptor() {
    return definition.getMethodDescriptor();
  }

  private void notifyService(Consumer<Listener<Q>> event) {
    try {
      serviceExecutor.execute(
          () -> {
            if (listener != null) {
              Listener<Q> service = listener;
              guarded(() -> event.accept(service));
            }
          });
    } catch (RejectedExecutionException e) {
      LOG.log(Level.DEBUG, () -> "the executor of " + address + " takes no more tasks", e);
    }
  }

  /** Runs code of the service in its context. An exception ends the call. */
  private void guarded(Runnable code) {
    Context previous = context.attach();
    try {
      code.run();
    } catch (RuntimeException | Error e) {
      LOG.log(Level.ERROR, () -> request.method().name() + " failed at " + address, e);
      answer.cutOff(
          RpcStatus.of(
              Code.INTERNAL, request.method().name() + " failed at " + address + ": " + e));
    } finally {
      context.detach(previous);
    }
  }

  @Override
  public String toString() {
    return "ServiceCall(" + request.method().name() + ")";
  }
}
