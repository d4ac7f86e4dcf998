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
import org.jspecify.annotations.Nullable;

/**
 * One call to a gRPC service in this process, as the service sees it. What the service is told runs
 * on its executor, one after the other; what it says goes to the {@link ServiceAnswer}.
 */
final class ServiceCall<Q, A> extends ServerCall<Q, A> implements ServiceAnswer.Service {
  private static final LimitedLog LOG = LimitedLog.of(ServiceCall.class);

  private final ServerMethodDefinition<Q, A> definition;
  private final CriRequest request;
  private final String address;
  private final ServiceAnswer answer;
  private final Executor serviceTurns;
  private final Context.CancellableContext context;
  private volatile boolean cancelled;

  // For the service's turns.
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
    this.serviceTurns = MoreExecutors.newSequentialExecutor(executor);
    this.context = contextOf(request, timer);
  }

  /**
   * Starts a call whose answer goes to {@code receiver}.
   *
   * @param address what messages call the runtime
   * @param executor where the service runs
   * @param timer watches the deadline
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
      call.serviceTurns.execute(() -> call.guarded(call::begin));
    } catch (RejectedExecutionException e) {
      call.answer.cutOff(
          RpcStatus.unreachable(address + " takes no more calls: its executor refuses them"));
    }
    return call.answer;
  }

  /** The service does not see the context in which the router happens to call. */
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

  // From the answer.

  @Override
  public void ready() {
    tell(Listener::onReady);
  }

  @Override
  public void ended(boolean byUs) {
    cancelled = byUs;
    // Running code sees it here, before it can be told.
    context.cancel(byUs ? new CancellationException("the call was cancelled") : null);
    tell(byUs ? Listener::onCancel : Listener::onComplete);
  }

  // From the service.

  @Override
  public void request(int count) {
    tell(
        to -> {
          Q whole = message;
          if (whole != null && !cancelled && count > 0) {
            message = null;
            to.onMessage(whole);
            to.onHalfClose();
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
    answer.close(Statuses.answered(status, trailers));
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

  /** Something to tell a service. */
  private interface Event<Q> {
    void tell(Listener<Q> listener);
  }

  private void tell(Event<Q> event) {
    try {
      serviceTurns.execute(
          () -> {
            if (listener != null) {
              Listener<Q> to = listener;
              guarded(() -> event.tell(to));
            }
          });
    } catch (RejectedExecutionException e) {
      LOG.log(Level.DEBUG, () -> "the executor of " + address + " takes no more tasks", e);
    }
  }

  /** Runs the service's code in its context; what it throws ends the call. */
  private void guarded(Runnable code) {
    Context ambient = context.attach();
    try {
      code.run();
    } catch (RuntimeException | Error e) {
      LOG.log(Level.ERROR, () -> request.method().name() + " failed at " + address, e);
      answer.cutOff(
          RpcStatus.of(
              Code.INTERNAL, request.method().name() + " failed at " + address + ": " + e));
    } finally {
      context.detach(ambient);
    }
  }

  @Override
  public String toString() {
    return "ServiceCall(" + request.method().name() + ")";
  }
}
