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
import java.util.concurrent.ScheduledThreadPoolExecutor;
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
      Executor executor) {
    this.definition = definition;
    this.request = request;
    this.answer = new ServiceAnswer(request, receiver, this);
    this.serviceTurns = MoreExecutors.newSequentialExecutor(executor);
    this.context = contextOf(request);
  }

  /** Starts a call whose answer goes to {@code receiver}. */
  static RuntimeCall start(
      ServerMethodDefinition<?, ?> definition,
      CriRequest request,
      ResponseListener receiver,
      Executor executor) {
    ServiceCall<?, ?> call = new ServiceCall<>(definition, request, receiver, executor);
    call.context.addListener(unused -> call.contextEnded(), Runnable::run);
    try {
      call.serviceTurns.execute(() -> call.guarded(call::begin));
    } catch (RejectedExecutionException e) {
      call.answer.cutOff(RpcStatus.unreachable("its executor takes no more calls"));
    }
    return call.answer;
  }

  /** The service does not see the context in which the router happens to call. */
  private static Context.CancellableContext contextOf(CriRequest request) {
    return request.timeoutNanos() == CriRequest.NO_TIMEOUT
        ? Context.ROOT.withCancellation()
        : Context.ROOT.withDeadline(
            Deadline.after(request.timeoutNanos(), TimeUnit.NANOSECONDS), Timer.INSTANCE);
  }

  private void contextEnded() {
    if (context.cancellationCause() instanceof TimeoutException) {
      answer.cutOff(
          RpcStatus.of(
              Code.DEADLINE_EXCEEDED,
              request.method().name()
                  + ": no answer within "
                  + Durations.text(Math.max(0, request.timeoutNanos()))));
    }
  }

  private void begin() {
    try {
      message = definition.getMethodDescriptor().parseRequest(request.message().newInput());
    } catch (RuntimeException e) {
      answer.cutOff(
          RpcStatus.of(
              Code.INVALID_ARGUMENT, request.method().name() + ": malformed request: " + e));
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
      LOG.log(Level.DEBUG, () -> "the service's executor takes no more tasks", e);
    }
  }

  /** Runs the service's code in its context; what it throws ends the call. */
  private void guarded(Runnable code) {
    Context ambient = context.attach();
    try {
      code.run();
    } catch (RuntimeException | Error e) {
      LOG.log(Level.ERROR, () -> request.method().name() + " failed in its service", e);
      answer.cutOff(
          RpcStatus.of(Code.INTERNAL, request.method().name() + ": internal error: " + e));
    } finally {
      context.detach(ambient);
    }
  }

  @Override
  public String toString() {
    return "ServiceCall(" + request.method().name() + ")";
  }

  /** Watches deadlines; its thread is there only while there are some. */
  private static final class Timer {
    static final ScheduledThreadPoolExecutor INSTANCE = create();

    private static ScheduledThreadPoolExecutor create() {
      ScheduledThreadPoolExecutor timer =
          new ScheduledThreadPoolExecutor(
              1,
              task -> {
                Thread thread = new Thread(task, "cri-router-deadlines");
                thread.setDaemon(true);
                return thread;
              });
      timer.setKeepAliveTime(1, TimeUnit.SECONDS);
      timer.allowCoreThreadTimeOut(true);
      timer.setRemoveOnCancelPolicy(true);
      return timer;
    }
  }
}
