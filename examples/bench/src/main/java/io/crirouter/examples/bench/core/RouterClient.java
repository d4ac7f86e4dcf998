package io.crirouter.examples.bench.core;

import com.google.protobuf.ByteString;
import io.crirouter.core.BackendName;
import io.crirouter.core.Cancellable;
import io.crirouter.core.CriRequest;
import io.crirouter.core.CriRouter;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.Scheduler;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;

/** A client of a router with {@linkplain InstantRuntime instant runtimes}, on one thread. */
final class RouterClient implements ResponseListener {
  /** A scheduler that never runs a task: no call reaches a time limit. */
  static final Scheduler NO_TIMERS =
      new Scheduler() {
        @Override
        public long nanoTime() {
          return System.nanoTime();
        }

        @Override
        public Instant now() {
          return Instant.EPOCH;
        }

        @Override
        public Cancellable schedule(Duration delay, Runnable task) {
          return () -> {};
        }
      };

  /** A strong reference: the JDK drops a logger without any, and its level. */
  private static final Logger ROUTER_LOG = Logger.getLogger("io.crirouter");

  static {
    ROUTER_LOG.setLevel(Level.WARNING);
  }

  private final CriRouter router;
  private ByteString answer = ByteString.EMPTY;

  /**
   * @param runtimes the answers of each runtime by its name, the primary first
   */
  RouterClient(Map<String, Map<String, ByteString>> runtimes) {
    CriRouter.Builder builder = CriRouter.builder().scheduler(NO_TIMERS);
    boolean first = true;
    for (Map.Entry<String, Map<String, ByteString>> runtime : runtimes.entrySet()) {
      BackendName name = BackendName.of(runtime.getKey());
      InstantRuntime backend = new InstantRuntime(runtime.getValue());
      builder = first ? builder.primary(name, backend) : builder.secondary(name, backend);
      first = false;
    }
    router = builder.build();
  }

  ByteString call(CriRequest request) {
    router.start(request, this).request(1);
    return answer;
  }

  /** Fails unless the router answers {@code expected}. */
  void check(CriRequest request, ByteString expected) {
    ResultCheck.check(request.method().name(), expected, call(request));
  }

  @Override
  public void onMessage(ByteString message) {
    answer = message;
  }

  @Override
  public void onClose(RpcStatus status) {
    if (!status.isOk()) {
      throw new IllegalStateException("the router answers " + status);
    }
  }
}
