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
 * A runtime behind a socket that can be closed gracefully: {@link #closeWhenIdle} waits until its
 * calls have ended. Thread-safe.
 */
final class TrackedRuntime implements RuntimeBackend, AutoCloseable {
  /** The only rpc that does not end by itself. */
  private static final String ENDLESS_RPC = "GetContainerEvents";

  private static final Duration IDLE_CHECK_PERIOD = Duration.ofMillis(500);

  private final GrpcBackend runtime;
  private final Scheduler scheduler;
  private final Set<EventStream> streams = ConcurrentHashMap.newKeySet();

  /**
   * @param scheduler runs the checks; may use event loops, because they do not block
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
    RuntimeCall call = runtime.start(request, stream);
    stream.call = call;
    return call;
  }

  /**
   * Closes when the calls under way have ended, or after {@code limit}. Event streams end at once,
   * with OK, so that the router does not take the runtime for lost.
   *
   * @param whenClosed is run once, after the close
   */
  void closeWhenIdle(Duration limit, Runnable whenClosed) {
    closeIfIdle(scheduler.nanoTime() + limit.toNanos(), whenClosed);
  }

  private void closeIfIdle(long end, Runnable whenClosed) {
    // Each time: the router may start a stream just before it uses the new connection.
    streams.forEach(EventStream::end);
    if (!runtime.hasCalls() || scheduler.nanoTime() - end >= 0) {
      close();
      whenClosed.run();
    } else {
      Cancellable unused =
          scheduler.schedule(IDLE_CHECK_PERIOD, () -> closeIfIdle(end, whenClosed));
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

  /** An event stream that can be ended with OK. */
  private final class EventStream extends ForwardingListener {
    private volatile @Nullable RuntimeCall call;
    private volatile boolean isEnded;

    EventStream(ResponseListener client) {
      super(client);
    }

    void end() {
      RuntimeCall started = call;
      if (started != null) {
        isEnded = true;
        started.cancel("the connection to the runtime is replaced");
      }
    }

    @Override
    public void onClose(RpcStatus status) {
      streams.remove(this);
      super.onClose(isEnded ? RpcStatus.OK : status);
    }
  }
}
