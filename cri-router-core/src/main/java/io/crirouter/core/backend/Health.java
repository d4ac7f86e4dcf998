package io.crirouter.core.backend;

import com.google.protobuf.ByteString;
import io.crirouter.core.BackendState.Phase;
import io.crirouter.core.CriMethod;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.Scheduler;
import io.crirouter.core.wire.WireWriter;
import io.crirouter.proto.v1.VersionRequest;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Watches one backend by asking for its Version: often while it is away, now and then while it
 * answers, at once when something suggests that it came or went. Never blocks; thread-safe.
 */
public final class Health {
  private static final System.Logger LOG = System.getLogger("io.crirouter");

  /** A Version that takes longer counts as no answer. */
  static final Duration PROBE_LIMIT = Duration.ofSeconds(5);

  private static final Duration WHILE_READY = Duration.ofSeconds(10);
  private static final Duration FIRST_RETRY = Duration.ofMillis(250);
  private static final Duration LAST_RETRY = Duration.ofSeconds(5);

  /** Far more than a kubelet has under way; the rest is told to try again. */
  static final int MAX_WAITING = 1000;

  private static final String NOT_ASKED = "not asked yet";
  private static final double GROWTH = 1.6;
  private static final double JITTER = 0.2;

  /** The kubelet's own words: the version of the protocol, not of the api. */
  private static final ByteString VERSION_REQUEST =
      new WireWriter().string(VersionRequest.VERSION_FIELD_NUMBER, "0.1.0").toByteString();

  private final Backend backend;
  private final Scheduler scheduler;
  private final SplittableRandom random;
  private final List<Consumer<Condition>> listeners = new CopyOnWriteArrayList<>();

  /** Tells of changes in their order, without a lock: listeners are foreign code. */
  private final SerialExecutor news = new SerialExecutor();

  private final Set<Runnable> waiting = new LinkedHashSet<>();
  private List<ConnectStep> connectSteps = List.of();

  private final CompletableFuture<Void> firstContact = new CompletableFuture<>();
  private volatile Condition condition;
  private Duration retry = FIRST_RETRY;
  private boolean probing;
  private boolean probeAgain;
  private boolean changedMeanwhile;
  private boolean closed;
  private @Nullable Runnable cancelTimer;

  /** Something to do each time the backend has come (back), before it counts as ready. */
  @FunctionalInterface
  public interface ConnectStep {
    /** Does it and then runs {@code next}, in every case, exactly once. */
    void run(Backend backend, Runnable next);
  }

  Health(Backend backend, Scheduler scheduler) {
    this.backend = backend;
    this.scheduler = scheduler;
    this.random = new SplittableRandom(backend.name().value().hashCode());
    this.condition =
        new Condition(Phase.NEVER_SEEN, scheduler.nanoTime(), scheduler.now(), NOT_ASKED);
  }

  /** How the backend is now. */
  public Condition condition() {
    return condition;
  }

  /** Calls {@code listener} after each change of phase, in their order and one at a time. */
  public void onChange(Consumer<Condition> listener) {
    listeners.add(listener);
  }

  /** The backend was there before the router restarted. */
  void startAsLost() {
    condition =
        new Condition(
            Phase.LOST,
            scheduler.nanoTime(),
            scheduler.now(),
            "not reached since the router restarted");
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

  /** Stops watching, and telling. */
  public void close() {
    List<Runnable> leaving;
    synchronized (this) {
      closed = true;
      stopTimer();
      leaving = noLongerWaiting();
    }
    leaving.forEach(Runnable::run);
  }

  /** An ordinary call found nobody. */
  void unreachable(RpcStatus status) {
    if (condition.isReady()) {
      away(status.message());
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
      changedMeanwhile = probing;
    }
    probeNow();
  }

  /** Asks for the Version now, or again right after the probe that is under way. */
  public void probeNow() {
    synchronized (this) {
      if (closed) {
        return;
      }
      if (probing) {
        probeAgain = true;
        return;
      }
      probing = true;
      stopTimer();
    }
    backend.ask(CriMethod.of("Version"), VERSION_REQUEST, PROBE_LIMIT, this::onVersion);
  }

  /**
   * Runs {@code action} when the probe that is under way is over, with all connect steps; if none
   * is, one begins.
   *
   * @return false if too many wait already
   */
  boolean whenProbed(Runnable action) {
    boolean watching;
    boolean underWay;
    synchronized (this) {
      watching = !closed;
      underWay = probing;
      if (watching && waiting.size() == MAX_WAITING) {
        return false;
      }
      if (watching) {
        waiting.add(action);
      }
    }
    if (!watching) {
      action.run();
    } else if (!underWay) {
      probeNow();
    }
    return true;
  }

  /** Does not run {@code action} any more. */
  synchronized void stopWaiting(Runnable action) {
    waiting.remove(action);
  }

  private List<Runnable> noLongerWaiting() {
    List<Runnable> leaving = List.copyOf(waiting);
    waiting.clear();
    return leaving;
  }

  private void onVersion(Answer answer) {
    if (!answer.isOk()) {
      absent(answer.status());
    } else if (condition.isReady()) {
      probed();
    } else {
      connect(0);
    }
  }

  private void connect(int step) {
    if (step < connectSteps.size()) {
      connectSteps.get(step).run(backend, () -> connect(step + 1));
      return;
    }
    here();
    probed();
  }

  private void absent(RpcStatus status) {
    away(status.isUnreachable() ? status.message() : "Version answers " + status);
    probed();
  }

  /** The probe is over: arranges the next one. */
  private void probed() {
    boolean again;
    List<Runnable> leaving = List.of();
    synchronized (this) {
      probing = false;
      again = changedMeanwhile || (probeAgain && condition.isReady());
      probeAgain = false;
      changedMeanwhile = false;
      if (!again && !closed) {
        cancelTimer = scheduler.schedule(untilNextProbe(), this::probeNow);
      }
      if (!again || condition.isReady()) {
        leaving = noLongerWaiting();
      }
    }
    firstContact.complete(null);
    if (again) {
      probeNow();
    }
    leaving.forEach(Runnable::run);
  }

  private Duration untilNextProbe() {
    if (condition.isReady()) {
      retry = FIRST_RETRY;
      return WHILE_READY;
    }
    double jitter = 1 + JITTER * (2 * random.nextDouble() - 1);
    Duration wait = Duration.ofNanos((long) (retry.toNanos() * jitter));
    long longer = Math.min((long) (retry.toNanos() * GROWTH), LAST_RETRY.toNanos());
    retry = Duration.ofNanos(longer);
    return wait;
  }

  private void away(String reason) {
    synchronized (this) {
      become(condition.phase() == Phase.NEVER_SEEN ? Phase.NEVER_SEEN : Phase.LOST, reason);
    }
    news.runQueued();
  }

  private void here() {
    synchronized (this) {
      become(Phase.READY, "");
    }
    news.runQueued();
  }

  /** Within the lock, which makes the order of changes that of their news. */
  private void become(Phase phase, String reason) {
    Condition before = condition;
    if (closed) {
      return;
    }
    if (before.phase() == phase) {
      condition = before.because(reason);
      if (before.reason().equals(NOT_ASKED)) {
        news.enqueue(() -> reportAbsence(reason));
      }
      return;
    }
    Condition changed = new Condition(phase, scheduler.nanoTime(), scheduler.now(), reason);
    condition = changed;
    news.enqueue(() -> tell(changed));
  }

  private void reportAbsence(String reason) {
    LOG.log(
        System.Logger.Level.WARNING,
        "runtime {0} is not there yet: {1}; it is used as soon as it is",
        backend,
        reason);
  }

  private void tell(Condition changed) {
    if (changed.isReady()) {
      LOG.log(System.Logger.Level.INFO, "runtime {0} is ready", backend);
    } else {
      LOG.log(System.Logger.Level.WARNING, "runtime {0} is lost: {1}", backend, changed.reason());
    }
    listeners.forEach(listener -> listener.accept(changed));
  }

  private void stopTimer() {
    if (cancelTimer != null) {
      cancelTimer.run();
      cancelTimer = null;
    }
  }
}
