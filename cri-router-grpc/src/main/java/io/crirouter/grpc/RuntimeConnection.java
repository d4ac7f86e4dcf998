package io.crirouter.grpc;

import io.crirouter.core.Cancellable;
import io.crirouter.core.internal.call.SharedLimit;
import io.grpc.ConnectivityState;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The connection to the runtime behind one socket. It connects with the first call, and again with
 * the next call after the connection is lost.
 *
 * <p>A gRPC channel that cannot connect tries again after pauses that grow to minutes, and fails
 * all calls until then. A channel whose connections end at once makes new ones without a pause. So
 * each connection has a {@link RuntimeChannel} of its own. The next call makes a new one as soon as
 * {@link Backoff} permits it, and so does a socket file that appears.
 *
 * <p>Thread-safe.
 */
final class RuntimeConnection implements AutoCloseable {
  private static final Duration ATTEMPT_INTERVAL = Duration.ofMillis(100);
  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(2);

  /** A socket file appears a moment before its server listens. */
  private static final int ATTEMPTS_AFTER_APPEARANCE = 10;

  /** The most retired channels, which still have calls or are not closed yet. */
  private static final int MAX_RETIRED = 8;

  private static final String ENDED_EARLY =
      "the runtime ends its connections before it has answered a call; new ones are made less and"
          + " less often";

  private final Path socket;
  private final BackendLimits limits;
  private final ChannelOptions options;
  private final EventLoops loops;
  private final Runnable onDisconnect;
  private final SocketWatch watch;
  private final Backoff backoff;
  private final SharedLimit.Share unfinishedAnswers;
  private final Deque<RuntimeChannel> retired = new ArrayDeque<>();
  private volatile RuntimeChannel channel;
  private volatile String lastEnd = ENDED_EARLY;
  private volatile @Nullable Runnable onReachabilityChange;
  private volatile boolean closed;
  private final AtomicInteger appearances = new AtomicInteger();

  /**
   * A connection that is not made yet.
   *
   * @param onDisconnect called whenever the connection is lost, before there is a new one
   */
  RuntimeConnection(
      Path socket,
      BackendLimits limits,
      ChannelOptions options,
      EventLoops loops,
      Runnable onDisconnect) {
    this.socket = socket;
    this.limits = limits;
    this.options = options;
    this.loops = loops;
    this.onDisconnect = onDisconnect;
    this.watch = new SocketWatch(socket, loops, this::socketAppeared);
    this.unfinishedAnswers = limits.unfinishedAnswers().share();
    this.backoff = new Backoff(now(), () -> ThreadLocalRandom.current().nextDouble());
    this.channel = newChannel();
    observe(channel);
  }

  private RuntimeChannel newChannel() {
    return new RuntimeChannel(loops, loops.channelTo(socket), options::configure);
  }

  void onReachabilityChange(Runnable listener) {
    onReachabilityChange = listener;
    if (!isConnected()) {
      watch.start();
    }
  }

  BackendLimits limits() {
    return limits;
  }

  SharedLimit.Share unfinishedAnswers() {
    return unfinishedAnswers;
  }

  /** Runs {@code task} on an event loop after {@code delay}; the result cancels it. */
  Cancellable after(Duration delay, Runnable task) {
    return loops.after(delay, task);
  }

  boolean isConnected() {
    return channel.isConnected();
  }

  /** Whether calls are under way, on this connection or on a retired one. */
  synchronized boolean hasCalls() {
    return channel.hasCalls() || retired.stream().anyMatch(RuntimeChannel::hasCalls);
  }

  boolean isClosed() {
    return closed;
  }

  /**
   * Returns the channel for a new call. The caller must call {@link RuntimeChannel#endCall} when
   * the call has ended. Returns null if it is too early for another connection: {@link #lastEnd}
   * tells why.
   */
  @Nullable RuntimeChannel startCall() {
    while (true) {
      RuntimeChannel current = usable();
      if (current == null || current.startCall()) {
        return current;
      }
    }
  }

  private @Nullable RuntimeChannel usable() {
    RuntimeChannel current = channel;
    ConnectivityState state = current.state();
    if (state == ConnectivityState.IDLE && !current.hasCalls() && !backoff.permits(now())) {
      return null;
    }
    if (state == ConnectivityState.TRANSIENT_FAILURE && backoff.permits(now())) {
      backoff.attempted(now());
      replace(current);
    }
    return channel;
  }

  /** Why the last connection ended, for messages. */
  String lastEnd() {
    return lastEnd;
  }

  /** Ends an attempt to connect that has timed out, so that the next call makes a new one. */
  void abandonAttempt(String reason) {
    RuntimeChannel current = channel;
    if (current.state() == ConnectivityState.CONNECTING) {
      lastEnd = reason;
      backoff.ended(now(), Duration.ZERO, false);
      replace(current);
    }
  }

  /** Replaces {@code old}, if it is the current channel, by a new one. */
  private void replace(RuntimeChannel old) {
    RuntimeChannel surplus;
    synchronized (this) {
      if (closed || old != channel) {
        return;
      }
      surplus = addRetired(old);
      channel = newChannel();
      observe(channel);
      onDisconnect.run();
    }
    old.retire();
    if (surplus != null) {
      surplus.shutdownNow();
    }
  }

  private @Nullable RuntimeChannel addRetired(RuntimeChannel old) {
    retired.removeIf(RuntimeChannel::isTerminated);
    retired.add(old);
    return retired.size() > MAX_RETIRED ? retired.remove() : null;
  }

  private void observe(RuntimeChannel observed) {
    ConnectivityState state = observed.state();
    if (state != ConnectivityState.SHUTDOWN) {
      observed.onStateChange(state, () -> stateChanged(observed, state));
    }
  }

  private void stateChanged(RuntimeChannel observed, ConnectivityState before) {
    observe(observed);
    if (observed != channel) {
      return;
    }
    if (before == ConnectivityState.READY) {
      disconnected(observed);
    } else if (observed.isConnected()) {
      observed.connected();
      reachabilityChanged(true, observed.hasCalls());
    } else if (observed.state() == ConnectivityState.TRANSIENT_FAILURE && observed.wasAccepted()) {
      backoff.ended(now(), Duration.ZERO, false);
    }
  }

  private void disconnected(RuntimeChannel old) {
    Duration pause = backoff.ended(now(), old.age(), old.isUseful());
    lastEnd = ENDED_EARLY;
    replace(old);
    reachabilityChanged(false, false);
    if (!pause.isZero()) {
      loops.after(pause, this::notifyUnlessConnected);
    }
  }

  private void notifyUnlessConnected() {
    if (!isConnected() && !closed) {
      notifyListener();
    }
  }

  /**
   * Handles a connection that was made or lost.
   *
   * @param forCall whether a call made the connection: its outcome shows the caller the change
   */
  private void reachabilityChanged(boolean connected, boolean forCall) {
    if (onReachabilityChange == null || closed) {
      return;
    }
    if (connected) {
      watch.stop();
    } else {
      watch.start();
    }
    if (!forCall) {
      notifyListener();
    }
  }

  private void socketAppeared() {
    if (onReachabilityChange != null && !isConnected()) {
      connect(appearances.incrementAndGet(), ATTEMPTS_AFTER_APPEARANCE);
      notifyListener();
    }
  }

  /** Connects up to {@code attempts} times. A later appearance of the socket ends the attempts. */
  private void connect(int appearance, int attempts) {
    if (closed || attempts == 0 || appearance != appearances.get()) {
      return;
    }
    replace(channel);
    backoff.attemptedEarly(now());
    channel.connect();
    loops.after(ATTEMPT_INTERVAL, () -> connectIfFailed(appearance, attempts - 1));
  }

  private void connectIfFailed(int appearance, int attempts) {
    if (channel.state() == ConnectivityState.TRANSIENT_FAILURE) {
      connect(appearance, attempts);
    }
  }

  /** Calls the listener later: gRPC reports a change of state while it holds locks of its own. */
  private void notifyListener() {
    Runnable listener = onReachabilityChange;
    if (listener != null) {
      loops.after(Duration.ZERO, listener);
    }
  }

  private long now() {
    return loops.scheduler().nanoTime();
  }

  /** Ends the connection. Waits for that, 2 s at most, unless it is called on an event loop. */
  @Override
  public void close() {
    List<RuntimeChannel> all;
    synchronized (this) {
      closed = true;
      all = new ArrayList<>(retired);
      all.add(channel);
    }
    watch.stop();
    all.forEach(RuntimeChannel::shutdownNow);
    if (!loops.inEventLoop()) {
      all.forEach(each -> each.awaitTermination(CLOSE_LIMIT));
    }
  }

  @Override
  public String toString() {
    return "unix:" + socket;
  }
}
