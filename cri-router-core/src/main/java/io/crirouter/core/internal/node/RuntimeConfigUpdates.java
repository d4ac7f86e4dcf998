package io.crirouter.core.internal.node;

import static com.google.common.collect.ImmutableSet.toImmutableSet;

import com.google.common.collect.MapMaker;
import com.google.protobuf.ByteString;
import io.crirouter.core.CallRoute.Rule;
import io.crirouter.core.Cancellable;
import io.crirouter.core.CriRequest;
import io.crirouter.core.ForwardingListener;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RuntimeCall;
import io.crirouter.core.Scheduler;
import io.crirouter.core.internal.backend.Backend;
import io.crirouter.core.internal.backend.BackendResponse;
import io.crirouter.core.internal.backend.Backends;
import io.crirouter.core.internal.call.ClippedText;
import io.crirouter.core.internal.inventory.SavedState;
import io.crirouter.core.internal.merging.FanOuts;
import io.crirouter.core.internal.merging.Merge;
import io.crirouter.core.internal.merging.Plan;
import io.crirouter.core.internal.observation.CallTrace;
import io.crirouter.core.internal.schema.Rpcs;
import io.crirouter.proto.routing.Budget;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * UpdateRuntimeConfig: sent to all backends and answered by the primary. A kubelet sends the node's
 * pod CIDR once and never repeats it. A secondary that is not ready gets it when it connects,
 * before its first pod. The last config survives a restart. Thread-safe.
 */
public final class RuntimeConfigUpdates {
  private static final System.Logger LOG = System.getLogger("io.crirouter");

  /**
   * A runtime can reject a config until something else is installed, its CNI plugins for example.
   */
  private static final Duration RETRY_AFTER = Duration.ofSeconds(30);

  private final Backends backends;
  private final SavedState state;
  private final FanOuts fanOuts;
  private final Scheduler scheduler;

  /** The config that was sent to each secondary since it connected, whatever it answered. */
  private final Map<Backend, ByteString> sent = new MapMaker().weakKeys().makeMap();

  /** Cancel the planned retries, by secondary. */
  private final Map<Backend, Cancellable> retries = new MapMaker().weakKeys().makeMap();

  private volatile boolean isClosed;

  private volatile @Nullable ByteString last;

  /** Sends configs to these backends; {@code state} keeps the last one over a restart. */
  public RuntimeConfigUpdates(
      Backends backends, SavedState state, FanOuts fanOuts, Scheduler scheduler) {
    this.backends = backends;
    this.state = state;
    this.fanOuts = fanOuts;
    this.scheduler = scheduler;
    List<ByteString> saved = state.loaded(SavedState.RUNTIME_CONFIG);
    last = saved.isEmpty() ? null : saved.get(0);
    state.add(SavedState.RUNTIME_CONFIG, this::save);
    backends.whenJoined(
        backend ->
            backend
                .health()
                .onChange(
                    condition -> {
                      if (condition.isReady()) {
                        send(backend, () -> {});
                      }
                    }));
  }

  private List<ByteString> save() {
    ByteString config = last;
    return config == null ? List.of() : List.of(config);
  }

  /** Starts an UpdateRuntimeConfig call. */
  public RuntimeCall update(CriRequest request, ResponseListener listener, CallTrace trace) {
    ByteString config = request.message();
    List<Backend> all = backends.all().stream().filter(Backend::hasContent).toList();
    trace.routed(Rule.ALL, all, Backend::name, "");
    Set<Backend> asked = readySecondaries().collect(toImmutableSet());
    return fanOuts.start(
        request,
        all,
        new Plan(new RecordSent(config), Budget.BULK),
        new ForwardingListener(listener) {
          @Override
          public void onClose(RpcStatus status) {
            if (status.isOk()) {
              last = config;
              state.changed();
              // A secondary that was connecting may be ready now.
              readySecondaries()
                  .filter(backend -> !asked.contains(backend))
                  .forEach(backend -> send(backend, () -> {}));
            }
            super.onClose(status);
          }
        },
        trace);
  }

  private Stream<Backend> readySecondaries() {
    return backends.secondaries().stream().filter(backend -> backend.health().isReady());
  }

  /** The primary's response. Records which secondaries got the config. */
  private final class RecordSent implements Merge {
    private final ByteString config;

    RecordSent(ByteString config) {
      this.config = config;
    }

    @Override
    public ByteString merge(List<BackendResponse> answers) {
      answers.forEach(answer -> note(answer, config));
      return answers.get(0).message();
    }
  }

  /** Cancels all retries. */
  public void close() {
    isClosed = true;
    retries.values().forEach(Cancellable::cancel);
  }

  /** Records a response. UNIMPLEMENTED needs no retry; any other failure is retried. */
  private void note(BackendResponse answer, ByteString config) {
    Backend backend = answer.backend();
    boolean isRefusal = !answer.isOk() && !answer.status().isUnimplemented();
    if (!answer.status().isUnreachable()) {
      sent.put(backend, config);
    }
    if (isRefusal && backend.health().isReady() && !isClosed) {
      retryLater(backend);
      LOG.log(
          System.Logger.Level.WARNING,
          "runtime {0} rejected {1}, which is sent again later: {2}",
          backend,
          Rpcs.UPDATE_RUNTIME_CONFIG.name(),
          ClippedText.of(answer.status()));
    }
  }

  private void retryLater(Backend backend) {
    Cancellable before =
        retries.put(backend, scheduler.schedule(RETRY_AFTER, () -> retry(backend)));
    if (before != null) {
      before.cancel();
    }
  }

  private void retry(Backend backend) {
    retries.remove(backend);
    if (backend.health().isReady()) {
      replay(backend, () -> {});
    }
  }

  /**
   * Sends the last config to a secondary that is connecting, and again if a newer one arrives
   * meanwhile.
   */
  public void replay(Backend backend, Runnable next) {
    sent.remove(backend);
    send(backend, next);
  }

  private void send(Backend backend, Runnable next) {
    ByteString config = last;
    if (config == null || backend.isPrimary() || config.equals(sent.get(backend))) {
      next.run();
      return;
    }
    backend
        .queries()
        .ask(
            Rpcs.UPDATE_RUNTIME_CONFIG,
            config,
            answer -> {
              note(answer, config);
              if (config.equals(last)) {
                next.run();
              } else {
                send(backend, next);
              }
            });
  }
}
