package io.crirouter.core.internal.backend;

import com.google.protobuf.ByteString;
import io.crirouter.core.BackendState.Phase;
import io.crirouter.core.Cancellable;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.Scheduler;
import io.crirouter.core.internal.backend.Condition.Cause;
import io.crirouter.core.internal.schema.Rpcs;
import io.crirouter.core.internal.wire.WireWriter;
import io.crirouter.proto.v1.VersionRequest;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Watches one backend by probing its Version: with back-off while it is not ready, every ten
 * seconds while it is, and at once when something indicates a change. Never blocks; thread-safe.
 */
public final class Watch {
  private static final Duration WHILE_READY = Duration.ofSeconds(10);

  /** What a kubelet sends: the version of its protocol, not of the API. */
  private static final ByteString VERSION_REQUEST =
      new WireWriter().string(VersionRequest.VERSION_FIELD_NUMBER, "0.1.0").toByteString();

  private final Backend backend;
  private final Health health;
  private final Scheduler scheduler;
  private final Duration promptness;
  private final Backoff backoff;
  private List<ConnectStep> connectSteps = List.of();

  private final CompletableFuture<Void> firstContact = new CompletableFuture<>();

  /** When the Version was requested that is not answered yet, in nanoseconds; null if it is. */
  private volatile @Nullable Long versionAskedAt;

  /** What the runtime said last about itself; null if it has not answered yet. */
  private volatile @Nullable RuntimeVersion version;

  private Activity activity = Activity.IDLE;
  private Cancellable timer = () -> {};

  /** Ends when the connect steps have been run by the next probe; null if nobody asked for that. */
  private @Nullable CompletableFuture<Void> nextRefresh;

  /** The same for the probe that is under way. */
  private @Nullable CompletableFuture<Void> refresh;

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

  Watch(Backend backend, BackendContext context) {
    this.backend = backend;
    this.health = backend.health();
    this.scheduler = context.scheduler();
    this.promptness = context.timeouts().podLists();
    this.backoff = new Backoff(backend.name().value().hashCode());
  }

  /** What the runtime said last about itself. */
  RuntimeVersion version() {
    RuntimeVersion last = version;
    return last == null ? RuntimeVersion.UNKNOWN : last;
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
    return version != null || health.condition().phase() != Phase.NEVER_SEEN;
  }

  /** Starts watching. */
  void start(List<ConnectStep> steps) {
    connectSteps = List.copyOf(steps);
    probeNow();
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
    CompletableFuture<Void> asked;
    synchronized (this) {
      if (activity == Activity.CLOSED) {
        return CompletableFuture.completedFuture(null);
      }
      asked = nextRefresh == null ? new CompletableFuture<>() : nextRefresh;
      nextRefresh = asked;
    }
    reachabilityChanged();
    return asked;
  }

  /** Whether the watch has ended. */
  public synchronized boolean isClosed() {
    return activity == Activity.CLOSED;
  }

  /** Stops watching. The condition does not change any more. */
  public void close() {
    health.close();
    Runnable released;
    CompletableFuture<Void> next;
    CompletableFuture<Void> present;
    synchronized (this) {
      activity = Activity.CLOSED;
      timer.cancel();
      released = backend.gate().takeWaiting();
      next = nextRefresh;
      present = refresh;
    }
    released.run();
    complete(present);
    complete(next);
  }

  private static void complete(@Nullable CompletableFuture<Void> refresh) {
    if (refresh != null) {
      refresh.complete(null);
    }
  }

  /** Called when a call could not reach the runtime. */
  void unreachable(RpcStatus status) {
    if (health.isReady()) {
      health.notReady(Cause.UNREACHABLE, status.message());
    }
    probeNow();
  }

  /** Called when the runtime answered a call. A lost backend may be reachable again. */
  void answered() {
    if (backend.isLost()) {
      reachabilityChanged();
    }
  }

  /**
   * Probes again even if a probe is under way: the runtime may have become reachable after that one
   * failed.
   */
  void reachabilityChanged() {
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
      refresh = nextRefresh;
      nextRefresh = null;
      timer.cancel();
    }
    versionAskedAt = scheduler.nanoTime();
    backend.queries().ask(Rpcs.VERSION, VERSION_REQUEST, this::onVersion);
  }

  /** Probes now if no probe is under way; false if the watch has ended. */
  boolean ensureProbe() {
    Activity now;
    synchronized (this) {
      now = activity;
    }
    if (now == Activity.IDLE) {
      probeNow();
    }
    return now != Activity.CLOSED;
  }

  private void onVersion(BackendResponse answer) {
    versionAskedAt = null;
    RpcStatus status = answer.status();
    if (!status.isOk()) {
      health.notReady(answer.isTimeout() ? Cause.HUNG : Cause.UNREACHABLE, whyNot(status));
      probed();
      return;
    }
    version = RuntimeVersion.of(answer.message());
    if (health.isReady() && !isRefreshing()) {
      probed();
    } else {
      backend.queries().listAll(this::listed);
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
    return refresh != null;
  }

  private void listed(Cause cause, String reason) {
    if (cause == Cause.NONE) {
      connect(0);
    } else {
      health.notReady(cause, reason);
      probed();
    }
  }

  private void connect(int step) {
    if (step < connectSteps.size() && !isClosed()) {
      connectSteps.get(step).run(backend, () -> connect(step + 1));
    } else {
      health.ready();
      probed();
    }
  }

  /** Called when a probe is over. Schedules the next one. */
  private void probed() {
    boolean again;
    Runnable released = () -> {};
    CompletableFuture<Void> refreshed;
    synchronized (this) {
      refreshed = refresh;
      refresh = null;
      again =
          activity == Activity.PROBING_AGAIN
              || (activity == Activity.PROBING_AGAIN_IF_READY && health.isReady());
      if (activity != Activity.CLOSED) {
        activity = Activity.IDLE;
        if (!again) {
          timer = scheduler.schedule(untilNextProbe(), this::probeNow);
        }
      }
      if (!again || health.isReady()) {
        released = backend.gate().takeWaiting();
      }
    }
    firstContact.complete(null);
    complete(refreshed);
    if (again) {
      probeNow();
    }
    released.run();
  }

  private Duration untilNextProbe() {
    if (health.isReady()) {
      backoff.reset();
      return WHILE_READY;
    }
    return backoff.next();
  }
}
