package io.crirouter.examples.criproxy.service;

import com.google.protobuf.ByteString;
import io.crirouter.core.BackendName;
import io.crirouter.core.CriMethod;
import io.crirouter.core.CriRequest;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.core.RuntimeCall;
import io.crirouter.examples.criproxy.config.BackendConfig;
import io.crirouter.grpc.EventLoops;
import io.crirouter.grpc.GrpcBackend;
import io.crirouter.grpc.UnfinishedAnswers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The connections to the runtimes of a proxy. Thread-safe. */
final class Runtimes implements AutoCloseable {
  /** The longest timeout of a kubelet's call. */
  private static final Duration DRAIN_LIMIT = Duration.ofMinutes(15);

  private static final CriMethod VERSION = CriMethod.of("Version");

  private final BackendName primary;
  private final EventLoops loops;
  private final List<ServicePart> parts;
  private final UnfinishedAnswers unfinishedOfSecondaries = UnfinishedAnswers.shared();
  private final Map<BackendName, Connected> current = new ConcurrentHashMap<>();
  private final Set<Connected> draining = ConcurrentHashMap.newKeySet();

  /**
   * A runtime and its connection.
   *
   * @param config the configuration of the runtime
   * @param connection carries the calls
   * @param routed the backend of the router: {@code connection}, wrapped by the service parts
   */
  record Connected(BackendConfig config, TrackedRuntime connection, RuntimeBackend routed) {
    /** The same connection with another configuration. */
    Connected with(BackendConfig changed) {
      return new Connected(changed, connection, routed);
    }
  }

  /**
   * @param primary the name of the primary, which does not change
   * @param parts may wrap each runtime
   */
  Runtimes(BackendName primary, List<ServicePart> parts, EventLoops loops) {
    this.primary = primary;
    this.loops = loops;
    this.parts = List.copyOf(parts);
  }

  /** Creates a connection, for {@link #put}. It connects at the first call. */
  Connected connect(BackendConfig config) {
    GrpcBackend.Builder backend =
        GrpcBackend.builder(config.socket())
            .connectTimeout(config.connectTimeout())
            .maxResponseBytes(config.maxResponseBytes())
            .eventLoops(loops);
    if (!config.name().equals(primary)) {
      backend.unfinishedAnswers(unfinishedOfSecondaries);
    }
    TrackedRuntime connection = new TrackedRuntime(backend.build(), loops.scheduler());
    RuntimeBackend routed = connection;
    for (ServicePart part : parts) {
      routed = part.wrapRuntime(config.name(), routed);
    }
    return new Connected(config, connection, routed);
  }

  /** The runtime of this name, or null. */
  @Nullable Connected find(BackendName name) {
    return current.get(name);
  }

  /** All runtimes, including those that are removed when they have no pods. */
  Iterable<Connected> all() {
    return current.values();
  }

  /** Sets the runtime of a name. The former connection is closed when its calls have ended. */
  void put(Connected runtime) {
    Connected former = current.put(runtime.config().name(), runtime);
    if (former != null && former.connection() != runtime.connection()) {
      closeWhenIdle(former);
    }
  }

  /** Closes the runtime of this name when its calls have ended. */
  void remove(BackendName name) {
    Connected former = current.remove(name);
    if (former != null) {
      closeWhenIdle(former);
    }
  }

  private void closeWhenIdle(Connected runtime) {
    draining.add(runtime);
    runtime.connection().closeWhenIdle(DRAIN_LIMIT, () -> draining.remove(runtime));
  }

  /** Calls Version and waits for the answer. Returns why it failed; empty if it succeeded. */
  static String probeFailure(Connected runtime) throws InterruptedException {
    Duration limit = runtime.config().connectTimeout();
    CompletableFuture<RpcStatus> answer = new CompletableFuture<>();
    RuntimeCall call = start(runtime.connection(), answer);
    try {
      RpcStatus status =
          answer.completeOnTimeout(null, limit.toMillis(), TimeUnit.MILLISECONDS).get();
      if (status == null) {
        return "it does not answer within " + limit.toMillis() + " ms";
      }
      return status.isOk() ? "" : status.message();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    } finally {
      call.cancel("the probe has ended");
    }
  }

  private static RuntimeCall start(RuntimeBackend runtime, CompletableFuture<RpcStatus> answer) {
    RuntimeCall call =
        runtime.start(
            CriRequest.of(VERSION, ByteString.EMPTY),
            new ResponseListener() {
              @Override
              public void onMessage(ByteString message) {}

              @Override
              public void onClose(RpcStatus status) {
                answer.complete(status);
              }
            });
    call.request(1);
    return call;
  }

  @Override
  public void close() {
    current.values().forEach(runtime -> runtime.connection().close());
    draining.forEach(runtime -> runtime.connection().close());
  }
}
