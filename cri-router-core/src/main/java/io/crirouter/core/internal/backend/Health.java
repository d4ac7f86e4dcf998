package io.crirouter.core.internal.backend;

import com.google.protobuf.ByteString;
import io.crirouter.core.BackendState.Phase;
import io.crirouter.core.CriMethod;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.Scheduler;
import io.crirouter.core.internal.backend.Condition.Cause;
import io.crirouter.core.internal.wire.WireWriter;
import io.crirouter.proto.v1.VersionRequest;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Watches one backend by asking for its Version: often while it is away, now and then while it
 * answers, at once when something suggests that it came or went. Never blocks; thread-safe.
 */
public final class Health {
  private static final Duration WHILE_READY = Duration.ofSeconds(10);
  private static final Duration FIRST_RETRY = Duration.ofMillis(250);
  private static final Duration LAST_RETRY = Duration.ofSeconds(5);

  /** Far more than a kubelet has under way; the rest is told to try again. */
  static final int MAX_WAITING = 1000;

  private static final double GROWTH = 1.6;
  private static final double JITTER = 0.2;
  private static final CriMethod VERSION = CriMethod.of("Version");

  /** The kubelet's own words: the version of the protocol, not of the api. */
  private static final ByteString VERSION_REQUEST =
      new WireWriter().string(VersionRequest.VERSION_FIELD_NUMBER, "0.1.0").toByteString();

  private final Backend backend;
  private final Scheduler scheduler;
  private final Duration answerLimit;
  private final SplittableRandom random;
  private final HealthReports reports;
  private final Set<Runnable> waiting = new LinkedHashSet<>();
  private List<ConnectStep> connectSteps = List.of();

  private final CompletableFuture<Void> firstContact = new CompletableFuture<>();
  private volatile Condition condition;
  private volatile boolean hasAnswered;
  private Activity activity = Activity.IDLE;
  private Duration retry = FIRST_RETRY;
  private long probedAtNanos;
  private @Nullable Runnable cancelTimer;

  /** What the watch is doing. */
  private enum Activity {
    /** It waits for its next turn. */
    IDLE,
    /** It has asked for the Version, or takes the steps that follow. */
    PROBING,
    /** The same, and asks once more after that if the backend is ready then. */
    PROBING_AGAIN_IF_READY,
    /** The same, and asks once more after that in any case. */
    PROBING_AGAIN,
    /** It has ended. */
    CLOSED;

    boolean isProbing() {
      return this == PROBING || this == PROBING_AGAIN_IF_READY || this == PROBING_AGAIN;
    }
  }

  Health(Backend backend, Scheduler scheduler, Duration answerLimit) {
    this.backend = backend;
    this.scheduler = scheduler;
    this.answerLimit = answerLimit;
    this.reports = new HealthReports(backend);
    this.random = new SplittableRandom(backend.name().value().hashCode());
    this.condition =
        new Condition(Phase.NEVER_SEEN, Cause.NOT_PROBED, scheduler.now(), "not asked yet");
  }

  /** How the backend is now. */
  public Condition condition() {
    return condition;
  }

  /** Whether the backend is ready now. */
  public boolean isReady() {
    return condition.isReady();
  }

  /** Whether the backend has answered at any time, be it before a restart of the router. */
  public boolean hasAnswered() {
    return hasAnswered || condition.phase() != Phase.NEVER_SEEN;
  }

  /** Calls {@code listener} after each change of phase, in their order and one at a time. */
  public void onChange(Consumer<Condition> listener) {
    reports.addListener(listener);
  }

  /** The backend was there before the router restarted. */
  void startAsLost() {
    condition =
        new Condition(
            Phase.LOST,
            Cause.NOT_PROBED,
            scheduler.now(),
            "not reached since the router restarted");
  }

  /** The backend is not configured any more: it is never asked. */
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

  /** Completes when the first probe is over, whether the backend answered or not. */
  public CompletableFuture<Void> firstContact() {
    return firstContact;
  }

  /** Whether the watch has ended. */
  synchronized boolean isClosed() {
    return activity == Activity.CLOSED;
  }

  /** Stops watching, and reporting. */
  public void close() {
    List<Runnable> released;
    synchronized (this) {
      activity = Activity.CLOSED;
      stopTimer();
      released = takeWaiting();
    }
    released.forEach(Runnable::run);
  }

  /** An ordinary call found nobody. */
  void unreachable(RpcStatus status) {
    if (isReady()) {
      notReady(Cause.UNREACHABLE, status.message());
    }
    probeNow();
  }

  /** The runtime answered an ordinary call: if it counts as lost it may be back. */
  void answered() {
    if (condition.phase() == Phase.LOST) {
      reachabilityChanged();
    }
  }

  /** The runtime may have come just after the probe that is under way found nobody. */
  private void reachabilityChanged() {
    synchronized (this) {
      if (activity.isProbing()) {
        activity = Activity.PROBING_AGAIN;
        return;
      }
    }
    probeNow();
  }

  /** Asks for the Version now, or again right after the probe that is under way. */
  public void probeNow() {
    synchronized (this) {
      if (activity == Activity.PROBING) {
        activity = Activity.PROBING_AGAIN_IF_READY;
      }
      if (activity != Activity.IDLE) {
        return;
      }
      activity = Activity.PROBING;
      probedAtNanos = scheduler.nanoTime();
      stopTimer();
    }
    backend.ask(VERSION, VERSION_REQUEST, answerLimit, this::onVersion);
  }

  /**
   * Runs {@code action} when the probe that is under way is over, with all connect steps; if none
   * is, one begins.
   *
   * @return false if too many wait already
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

  /** Does not run {@code action} any more. */
  synchronized void stopWaiting(Runnable action) {
    waiting.remove(action);
  }

  private List<Runnable> takeWaiting() {
    List<Runnable> taken = List.copyOf(waiting);
    waiting.clear();
    return taken;
  }

  private void onVersion(BackendResponse answer) {
    RpcStatus status = answer.status();
    if (!status.isOk()) {
      notReady(
          isTimeout(status) ? Cause.HUNG : Cause.UNREACHABLE,
          status.isUnreachable() ? status.message() : "Version answers " + status);
      probed();
      return;
    }
    hasAnswered = true;
    if (isReady()) {
      probed();
    } else {
      connect(0);
    }
  }

  /** A transport may give up a moment before the probe does, in words of its own. */
  private synchronized boolean isTimeout(RpcStatus status) {
    long almostAll = answerLimit.toNanos() - answerLimit.toNanos() / 10;
    return status.code() == Code.DEADLINE_EXCEEDED
        || (status.isUnreachable() && scheduler.nanoTime() - probedAtNanos >= almostAll);
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

  /** The probe is over: arranges the next one. */
  private void probed() {
    boolean again;
    List<Runnable> released = List.of();
    synchronized (this) {
      again =
          activity == Activity.PROBING_AGAIN
              || (activity == Activity.PROBING_AGAIN_IF_READY && isReady());
      if (activity != Activity.CLOSED) {
        activity = Activity.IDLE;
        if (!again) {
          cancelTimer = scheduler.schedule(untilNextProbe(), this::probeNow);
        }
      }
      if (!again || isReady()) {
        released = takeWaiting();
      }
    }
    firstContact.complete(null);
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
    changeTo(phase, cause, reason);
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
    if (cancelTimer != null) {
      cancelTimer.run();
      cancelTimer = null;
    }
  }
}
