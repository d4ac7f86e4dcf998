package io.crirouter.examples.criproxy.service;

import io.crirouter.core.Cancellable;
import io.crirouter.core.CriRequest;
import io.crirouter.core.ForwardingListener;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.core.RuntimeCall;
import io.crirouter.core.Scheduler;
import io.crirouter.grpc.GrpcBackend;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A runtime behind a socket that can be left while calls are under way: it closes when they have
 * ended. Thread-safe.
 */
final class TrackedRuntime implements RuntimeBackend, AutoCloseable {
  /** The one rpc that does not end by itself. */
  private static final String ENDLESS_RPC = "GetContainerEvents";

  private static final Duration LOOK_AGAIN = Duration.ofMillis(500);

  private final GrpcBackend runtime;
  private final Scheduler scheduler;
  private final Set<EventStream> streams = ConcurrentHashMap.newKeySet();

  /**
   * @param scheduler may run tasks on event loops
   */
  TrackedRuntime(GrpcBackend runtime, Scheduler scheduler) {
    this.runtime = runtime;
    this.scheduler = scheduler;
  }

  @Override
  public RuntimeCall start(CriRequest request, ResponseListener listener) {
    if (!request.method().name().equals(ENDLESS_RPC)) {
      return runtime.start(request, listener);
    }
    EventStream stream = new EventStream(listener);
    streams.add(stream);
    return stream.started(runtime.start(request, stream));
  }

  /**
   * Closes when the calls under way have ended, or else after {@code limit}. Event streams end at
   * once, with OK: the runtime is not lost.
   *
   * @param whenClosed is run then, once
   */
  void closeWhenIdle(Duration limit, Runnable whenClosed) {
    streams.forEach(EventStream::leave);
    long end = scheduler.nanoTime() + limit.toNanos();
    closeIfIdle(end, whenClosed);
  }

  private void closeIfIdle(long end, Runnable whenClosed) {
    if (!runtime.hasCalls() || scheduler.nanoTime() - end >= 0) {
      close();
      whenClosed.run();
    } else {
      Cancellable unused = scheduler.schedule(LOOK_AGAIN, () -> closeIfIdle(end, whenClosed));
    }
  }

  @Override
  public void onReachabilityChange(Runnable listener) {
    runtime.onReachabilityChange(listener);
  }

  @Override
  public String address() {
    return runtime.address();
  }

  @Override
  public void close() {
    runtime.close();
  }

  @Override
  public String toString() {
    return runtime.toString();
  }

  /** An event stream, which is ended when the runtime is left. */
  private final class EventStream extends ForwardingListener {
    private volatile @Nullable RuntimeCall call;
    private volatile boolean isLeft;

    EventStream(ResponseListener client) {
      super(client);
    }

    RuntimeCall started(RuntimeCall started) {
      call = started;
      return started;
    }

    void leave() {
      RuntimeCall started = call;
      if (started != null) {
        isLeft = true;
        started.cancel("the runtime is reached otherwise now");
      }
    }

    @Override
    public void onClose(RpcStatus status) {
      streams.remove(this);
      super.onClose(isLeft ? RpcStatus.OK : status);
    }
  }
}
