package io.crirouter.core.internal.backend;

import com.google.protobuf.ByteString;
import io.crirouter.core.BackendState.Phase;
import io.crirouter.core.Cancellable;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.Scheduler;
import io.crirouter.core.Timeouts;
import io.crirouter.core.internal.backend.Condition.Cause;
import io.crirouter.core.internal.call.ClippedText;
import io.crirouter.core.internal.schema.Rpcs;
import io.crirouter.core.internal.wire.WireWriter;
import io.crirouter.proto.v1.VersionRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Watches one backend by probing its Version: with back-off while it is not ready, every ten
 * seconds while it is, and at once when something indicates a change. Never blocks; thread-safe.
 */
public final class Health {
  private static final Duration WHILE_READY = Duration.ofSeconds(10);
  private static final Duration FIRST_RETRY = Duration.ofMillis(250);
  private static final Duration LAST_RETRY = Duration.ofSeconds(5);

  /** Far more than a kubelet has under way; further calls get UNAVAILABLE. */
  static final int MAX_WAITING = 1000;

  private static final double GROWTH = 1.6;
  private static final double JITTER = 0.2;

  /** What a kubelet sends: the version of its protocol, not of the API. */
  private static final ByteString VERSION_REQUEST =
      new WireWriter().string(VersionRequest.VERSION_FIELD_NUMBER, "0.1.0").toByteString();

  private final Backend backend;
  private final Scheduler scheduler;
  private final Duration promptness;
  private final SplittableRandom random;
  private final HealthReports reports;
  private final Set<Runnable> waiting = new LinkedHashSet<>();
  private List<ConnectStep> connectSteps = List.of();

  private final CompletableFuture<Void> firstContact = new CompletableFuture<>();
  private volatile Condition condition;
  private volatile boolean hasAnswered;

  /** When the Version was requested that is not answered yet, in nanoseconds; null if it is. */
  private volatile @Nullable Long versionAskedAt;

  private volatile RuntimeVersion version = RuntimeVersion.UNKNOWN;
  private Activity activity = Activity.IDLE;
  private Duration retry = FIRST_RETRY;
  private @Nullable Cancellable timer;

  /** Who waits for the connect steps to be run again: by the next probe, and by this one. */
  private List<CompletableFuture<Void>> refreshes = new ArrayList<>();

  private List<CompletableFuture<Void>> refreshing = List.of();

  /** What the watch is doing now. */
  private enum Activity {
    /** It waits for the next probe. */
    IDLE,
    /** It waits for the Version, or runs the connect steps. */
    PROBING,
    /** The same. Another probe follows if the backend is ready then. */
    PROBING_AGAIN_IF_READY,
    /** The same. Another probe follows in any case. */
    PROBING_AGAIN,
    /** It has ended. */
    CLOSED;

    boolean isProbing() {
      return this == PROBING || this == PROBING_AGAIN_IF_READY || this == PROBING_AGAIN;
    }
  }

  Health(Backend backend, Scheduler scheduler, Timeouts timeouts) {
    this.backend = backend;
    this.scheduler = scheduler;
    this.promptness = timeouts.podLists();
    this.reports = new HealthReports(backend);
    this.random = new SplittableRandom(backend.name().value().hashCode());
    this.condition =
        new Condition(Phase.NEVER_SEEN, Cause.NOT_PROBED, scheduler.now(), "not asked yet");
  }

  /** The condition now. */
  public Condition condition() {
    return condition;
  }

  /** What the runtime said last about itself. */
  RuntimeVersion version() {
    return version;
  }

  /** Whether the backend is ready now. */
  public boolean isReady() {
    return condition.isReady();
  }

  /**
   * Whether a Version was requested and is not answered yet, though a list could have been by now:
   * most likely the runtime hangs, and will be lost.
   */
  public boolean isSilent() {
    Long askedAt = versionAskedAt;
    return askedAt != null && scheduler.nanoTime() - askedAt >= promptness.toNanos();
  }

  /** Whether the backend has ever answered, perhaps before a restart of the router. */
  public boolean hasAnswered() {
    return hasAnswered || condition.phase() != Phase.NEVER_SEEN;
  }

  /** Calls {@code listener} after each change of phase, in their order and one at a time. */
  public void onChange(Consumer<Condition> listener) {
    reports.addListener(listener);
  }

  /** Starts as lost: the backend had an inventory before the router restarted. */
  void startAsLost() {
    condition =
        new Condition(
            Phase.LOST,
            Cause.NOT_PROBED,
            scheduler.now(),
            "not reached since the router restarted");
  }

  /** Starts as no longer configured: the backend is never probed. */
  void startAsUnconfigured() {
    condition =
        new Condition(
            Phase.LOST, Cause.NOT_CONFIGURED, scheduler.now(), "it is not configured any more");
    firstContact.complete(null);
    synchronized (this) {
      activity = Activity.CLOSED;
    }
  }

  /** Starts watching. */
  public void start(List<ConnectStep> steps) {
    connectSteps = List.copyOf(steps);
    backend.onReachabilityChange(this::reachabilityChanged);
    probeNow();
  }

  /** Called when the backend is reached otherwise from now on. */
  void moved() {
    if (!isClosed()) {
      backend.onReachabilityChange(this::reachabilityChanged);
    }
  }

  /** Completes when the first probe is over, whether the backend answered or not. */
  public CompletableFuture<Void> firstContact() {
    return firstContact;
  }

  /**
   * Probes now, and runs the connect steps even if the backend is ready, which it stays meanwhile.
   * Completes when they have ended, with success or not.
   */
  public CompletableFuture<Void> refresh() {
    CompletableFuture<Void> refresh = new CompletableFuture<>();
    boolean isWatching;
    synchronized (this) {
      isWatching = activity != Activity.CLOSED;
      if (isWatching) {
        refreshes.add(refresh);
      }
    }
    if (isWatching) {
      reachabilityChanged();
    } else {
      refresh.complete(null);
    }
    return refresh;
  }

  /** Whether the watch has ended. */
  public synchronized boolean isClosed() {
    return activity == Activity.CLOSED;
  }

  /** Stops watching, and reporting. */
  public void close() {
    List<Runnable> released;
    List<CompletableFuture<Void>> refreshed = new ArrayList<>();
    synchronized (this) {
      activity = Activity.CLOSED;
      stopTimer();
      released = takeWaiting();
      refreshed.addAll(refreshes);
      refreshed.addAll(refreshing);
    }
    released.forEach(Runnable::run);
    refreshed.forEach(refresh -> refresh.complete(null));
  }

  /** Called when a call could not reach the runtime. */
  void unreachable(RpcStatus status) {
    if (isReady()) {
      notReady(Cause.UNREACHABLE, status.message());
    }
    probeNow();
  }

  /** Called when the runtime answered a call. A lost backend may be reachable again. */
  void answered() {
    if (condition.phase() == Phase.LOST) {
      reachabilityChanged();
    }
  }

  /**
   * Probes again even if a probe is under way: the runtime may have become reachable after that one
   * failed.
   */
  private void reachabilityChanged() {
    synchronized (this) {
      if (activity.isProbing()) {
        activity = Activity.PROBING_AGAIN;
        return;
      }
    }
    probeNow();
  }

  /** Probes now. If a probe is under way, another one follows it if the backend is ready then. */
  public void probeNow() {
    synchronized (this) {
      if (activity == Activity.PROBING) {
        activity = Activity.PROBING_AGAIN_IF_READY;
      }
      if (activity != Activity.IDLE) {
        return;
      }
      activity = Activity.PROBING;
      refreshing = refreshes;
      refreshes = new ArrayList<>();
      stopTimer();
    }
    versionAskedAt = scheduler.nanoTime();
    backend.ask(Rpcs.VERSION, VERSION_REQUEST, this::onVersion);
  }

  /**
   * Runs {@code action} after the probe that is under way and its connect steps. Starts a probe if
   * none is under way.
   *
   * @return false if too many actions wait already
   */
  boolean whenProbed(Runnable action) {
    boolean isWatching;
    synchronized (this) {
      isWatching = activity != Activity.CLOSED;
      if (isWatching && waiting.size() == MAX_WAITING) {
        return false;
      }
      if (isWatching) {
        waiting.add(action);
      }
    }
    if (!isWatching) {
      action.run();
    } else if (!isProbing()) {
      probeNow();
    }
    return true;
  }

  private synchronized boolean isProbing() {
    return activity.isProbing();
  }

  /** Cancels an action that waits. */
  synchronized void stopWaiting(Runnable action) {
    waiting.remove(action);
  }

  private List<Runnable> takeWaiting() {
    List<Runnable> taken = List.copyOf(waiting);
    waiting.clear();
    return taken;
  }

  private void onVersion(BackendResponse answer) {
    versionAskedAt = null;
    RpcStatus status = answer.status();
    if (!status.isOk()) {
      notReady(answer.isTimeout() ? Cause.HUNG : Cause.UNREACHABLE, whyNot(status));
      probed();
      return;
    }
    hasAnswered = true;
    version = RuntimeVersion.of(answer.message());
    if (isReady() && !isRefreshing()) {
      probed();
    } else {
      connect(0);
    }
  }

  private static String whyNot(RpcStatus status) {
    if (status.isUnreachable()) {
      return status.message();
    }
    return (status.isUnimplemented() ? "it does not speak CRI: " : "")
        + "Version answers "
        + status;
  }

  private synchronized boolean isRefreshing() {
    return !refreshing.isEmpty();
  }

  private void connect(int step) {
    if (step < connectSteps.size() && isProbing()) {
      connectSteps.get(step).run(backend, outcome -> connected(step, outcome));
      return;
    }
    changeTo(Phase.READY, Cause.NONE, "");
    probed();
  }

  private void connected(int step, ConnectStep.Outcome outcome) {
    if (outcome.cause() == Cause.NONE) {
      connect(step + 1);
    } else {
      notReady(outcome.cause(), outcome.reason());
      probed();
    }
  }

  /** Called when a probe is over. Schedules the next one. */
  private void probed() {
    boolean again;
    List<Runnable> released = List.of();
    List<CompletableFuture<Void>> refreshed;
    synchronized (this) {
      refreshed = refreshing;
      refreshing = List.of();
      again =
          activity == Activity.PROBING_AGAIN
              || (activity == Activity.PROBING_AGAIN_IF_READY && isReady());
      if (activity != Activity.CLOSED) {
        activity = Activity.IDLE;
        if (!again) {
          timer = scheduler.schedule(untilNextProbe(), this::probeNow);
        }
      }
      if (!again || isReady()) {
        released = takeWaiting();
      }
    }
    firstContact.complete(null);
    refreshed.forEach(refresh -> refresh.complete(null));
    if (again) {
      probeNow();
    }
    released.forEach(Runnable::run);
  }

  private Duration untilNextProbe() {
    if (isReady()) {
      retry = FIRST_RETRY;
      return WHILE_READY;
    }
    double jitter = 1 + JITTER * (2 * random.nextDouble() - 1);
    Duration wait = Duration.ofNanos((long) (retry.toNanos() * jitter));
    long longer = Math.min((long) (retry.toNanos() * GROWTH), LAST_RETRY.toNanos());
    retry = Duration.ofNanos(longer);
    return wait;
  }

  private void notReady(Cause cause, String reason) {
    Phase phase = condition.phase() == Phase.NEVER_SEEN ? Phase.NEVER_SEEN : Phase.LOST;
    changeTo(phase, cause, ClippedText.of(reason));
  }

  private void changeTo(Phase phase, Cause cause, String reason) {
    synchronized (this) {
      Condition before = condition;
      if (activity == Activity.CLOSED) {
        return;
      }
      if (before.phase() != phase) {
        Condition changed = new Condition(phase, cause, scheduler.now(), reason);
        condition = changed;
        reports.addChange(changed);
      } else {
        condition = before.withCause(cause, reason);
        reports.addCause(cause, reason);
      }
    }
    reports.deliver();
  }

  private void stopTimer() {
    if (timer != null) {
      timer.cancel();
      timer = null;
    }
  }
}
