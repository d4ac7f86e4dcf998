package io.crirouter.core.internal.node;

import static com.google.common.collect.ImmutableSet.toImmutableSet;

import com.google.common.collect.MapMaker;
import com.google.protobuf.ByteString;
import io.crirouter.core.CriMethod;
import io.crirouter.core.CriRequest;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RuntimeCall;
import io.crirouter.core.Scheduler;
import io.crirouter.core.Timeouts;
import io.crirouter.core.internal.backend.Backend;
import io.crirouter.core.internal.backend.BackendResponse;
import io.crirouter.core.internal.backend.Backends;
import io.crirouter.core.internal.backend.ConnectStep;
import io.crirouter.core.internal.call.ForwardingListener;
import io.crirouter.core.internal.inventory.SavedState;
import io.crirouter.core.internal.merging.FanOut;
import io.crirouter.core.internal.merging.Merge;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * UpdateRuntimeConfig: told to all backends and answered by the primary. A kubelet says the node's
 * pod CIDR once and never repeats it, so that a secondary that could not be told is told when it is
 * back, before it gets its first pod. Survives a restart. Thread-safe.
 */
public final class RuntimeConfigUpdates {
  private static final System.Logger LOG = System.getLogger("io.crirouter");
  private static final CriMethod UPDATE = CriMethod.of("UpdateRuntimeConfig");

  /** A runtime refuses a config when something is missing that may come: its CNI plugins, say. */
  private static final Duration RETRY_AFTER = Duration.ofSeconds(30);

  private final Backends backends;
  private final SavedState state;
  private final Timeouts timeouts;
  private final Scheduler scheduler;

  /** What each secondary was told on its present connection, whatever it answered. */
  private final Map<Backend, ByteString> sent = new MapMaker().weakKeys().makeMap();

  /** Cancels what is planned for secondaries that refused. */
  private final Map<Backend, Runnable> retries = new MapMaker().weakKeys().makeMap();

  private volatile boolean isClosed;

  private volatile @Nullable ByteString last;

  /** Tells these backends; {@code state} keeps what was said over a restart. */
  public RuntimeConfigUpdates(
      Backends backends, SavedState state, Timeouts timeouts, Scheduler scheduler) {
    this.backends = backends;
    this.state = state;
    this.timeouts = timeouts;
    this.scheduler = scheduler;
    List<ByteString> saved = state.loaded(SavedState.RUNTIME_CONFIG);
    last = saved.isEmpty() ? null : saved.get(0);
    state.add(SavedState.RUNTIME_CONFIG, this::save);
    backends.observe(
        backend ->
            backend
                .health()
                .onChange(
                    condition -> {
                      if (condition.isReady()) {
                        send(backend, outcome -> {});
                      }
                    }));
  }

  private List<ByteString> save() {
    ByteString config = last;
    return config == null ? List.of() : List.of(config);
  }

  /** Starts an UpdateRuntimeConfig call. */
  public RuntimeCall update(CriRequest request, ResponseListener listener) {
    ByteString config = request.message();
    Set<Backend> asked = readySecondaries().collect(toImmutableSet());
    return FanOut.start(
        request,
        backends.all().stream().filter(Backend::hasContent).toList(),
        new RecordSent(config),
        Optional.of(timeouts.otherMerges()),
        timeouts,
        scheduler,
        new ForwardingListener(listener) {
          @Override
          public void onClose(RpcStatus status) {
            if (status.isOk()) {
              last = config;
              state.changed();
              // Who was not asked because it was connecting may be ready now.
              readySecondaries()
                  .filter(backend -> !asked.contains(backend))
                  .forEach(backend -> send(backend, outcome -> {}));
            }
            super.onClose(status);
          }
        });
  }

  private Stream<Backend> readySecondaries() {
    return backends.secondaries().stream().filter(backend -> backend.health().isReady());
  }

  /** The primary's answer; notes which others have heard what it answers to. */
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

  /** Tells nobody any more. */
  public void close() {
    isClosed = true;
    retries.values().forEach(Runnable::run);
  }

  /** A secondary that does not know the rpc has nothing to do. One that refuses is told again. */
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
          "runtime {0} did not take {1}, and is told again: {2}",
          backend,
          UPDATE.name(),
          answer.status());
    }
  }

  private void retryLater(Backend backend) {
    Runnable before = retries.put(backend, scheduler.schedule(RETRY_AFTER, () -> retry(backend)));
    if (before != null) {
      before.run();
    }
  }

  private void retry(Backend backend) {
    retries.remove(backend);
    if (backend.health().isReady()) {
      replay(backend, outcome -> {});
    }
  }

  /** Tells a secondary that has come (back) what was said last, until nothing newer was said. */
  public void replay(Backend backend, Consumer<ConnectStep.Outcome> next) {
    sent.remove(backend);
    send(backend, next);
  }

  private void send(Backend backend, Consumer<ConnectStep.Outcome> next) {
    ByteString config = last;
    if (config == null || backend.isPrimary() || config.equals(sent.get(backend))) {
      next.accept(ConnectStep.DONE);
      return;
    }
    backend.ask(
        UPDATE,
        config,
        timeouts.ownQuestions(),
        answer -> {
          note(answer, config);
          if (config.equals(last)) {
            next.accept(ConnectStep.DONE);
          } else {
            send(backend, next);
          }
        });
  }
}
