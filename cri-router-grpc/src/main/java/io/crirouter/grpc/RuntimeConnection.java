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
 * The connection to the runtime behind one socket: made when it is first needed, and again when it
 * broke.
 *
 * <p>Left alone, a gRPC channel that cannot connect tries again after pauses that grow to minutes,
 * and fails every call until then, while one whose connections end as soon as they are made has no
 * pauses at all. Here the next call makes an attempt of its own, as soon as {@link Backoff} permits
 * it, and so does a socket file that appears. Each attempt takes a new {@link Link}, since a
 * channel keeps no promise about when it has really let go of an old one.
 */
final class RuntimeConnection implements AutoCloseable {
  private static final Duration ATTEMPT_INTERVAL = Duration.ofMillis(100);
  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(2);

  /** A server listens a moment after its socket's file has appeared. */
  private static final int ATTEMPTS_AFTER_APPEARANCE = 10;

  /** Connections that the runtime wants to end, and that still have calls. */
  private static final int MAX_RETIRED = 8;

  private static final String LOST =
      "the runtime ends its connections before it has answered a call; new ones are made less and"
          + " less often";

  private final Path socket;
  private final Limits limits;
  private final ChannelOptions options;
  private final EventLoops loops;
  private final Runnable onDisconnect;
  private final SocketWatch watch;
  private final Backoff backoff;
  private final SharedLimit.Share unfinishedAnswers;
  private final Deque<Link> retired = new ArrayDeque<>();
  private volatile Link link;
  private volatile String lastEnd = LOST;
  private volatile @Nullable Runnable onReachabilityChange;
  private volatile boolean closed;
  private final AtomicInteger appearances = new AtomicInteger();

  /**
   * A connection that nobody has made yet.
   *
   * @param onDisconnect told whenever the connection is gone, before there is another one
   */
  RuntimeConnection(
      Path socket, Limits limits, ChannelOptions options, EventLoops loops, Runnable onDisconnect) {
    this.socket = socket;
    this.limits = limits;
    this.options = options;
    this.loops = loops;
    this.onDisconnect = onDisconnect;
    this.watch = new SocketWatch(socket, loops, this::socketAppeared);
    this.unfinishedAnswers = limits.unfinishedAnswers().share();
    this.backoff = new Backoff(now(), () -> ThreadLocalRandom.current().nextDouble());
    this.link = newLink();
    observe(link);
  }

  private Link newLink() {
    return new Link(loops, loops.channelTo(socket), options::configure);
  }

  void onReachabilityChange(Runnable listener) {
    onReachabilityChange = listener;
    if (!isConnected()) {
      watch.start();
    }
  }

  Limits limits() {
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
    return link.isConnected();
  }

  /** Whether calls are under way, on this connection or on one that is to end. */
  synchronized boolean hasCalls() {
    return link.hasCalls() || retired.stream().anyMatch(Link::hasCalls);
  }

  boolean isClosed() {
    return closed;
  }

  /**
   * What a call goes over, connecting if need be; the caller {@linkplain Link#leave leaves} it when
   * the call has ended. Null if it is too early for another connection: {@link #lastEnd} says why.
   */
  @Nullable Link enter() {
    while (true) {
      Link current = usable();
      if (current == null || current.enter()) {
        return current;
      }
    }
  }

  private @Nullable Link usable() {
    Link current = link;
    ConnectivityState state = current.state();
    if (state == ConnectivityState.IDLE && !current.hasCalls() && !backoff.permits(now())) {
      return null;
    }
    if (state == ConnectivityState.TRANSIENT_FAILURE && backoff.permits(now())) {
      backoff.attempted(now());
      renew(current);
    }
    return link;
  }

  /** How the last connection ended. */
  String lastEnd() {
    return lastEnd;
  }

  /** Gives up an attempt to connect that nobody answers, so that the next call makes a new one. */
  void abandonAttempt(String reason) {
    Link current = link;
    if (current.state() == ConnectivityState.CONNECTING) {
      lastEnd = reason;
      backoff.ended(now(), Duration.ZERO, false);
      renew(current);
    }
  }

  /** Begins anew with a link that has no failures behind it. */
  private void renew(Link old) {
    Link surplus;
    synchronized (this) {
      if (closed || old != link) {
        return;
      }
      surplus = addRetired(old);
      link = newLink();
      observe(link);
      onDisconnect.run();
    }
    old.retire();
    if (surplus != null) {
      surplus.end();
    }
  }

  private @Nullable Link addRetired(Link old) {
    retired.removeIf(Link::isOver);
    retired.add(old);
    return retired.size() > MAX_RETIRED ? retired.remove() : null;
  }

  private void observe(Link observed) {
    ConnectivityState state = observed.state();
    if (state != ConnectivityState.SHUTDOWN) {
      observed.channel().notifyWhenStateChanged(state, () -> stateLeft(observed, state));
    }
  }

  private void stateLeft(Link observed, ConnectivityState before) {
    observe(observed);
    if (observed != link) {
      return;
    }
    if (before == ConnectivityState.READY) {
      ended(observed);
    } else if (observed.isConnected()) {
      observed.connected();
      reachabilityChanged(true, observed.hasCalls());
    } else if (observed.state() == ConnectivityState.TRANSIENT_FAILURE && observed.wasOpened()) {
      backoff.ended(now(), Duration.ZERO, false);
    }
  }

  private void ended(Link gone) {
    Duration pause = backoff.ended(now(), gone.age(), gone.isUseful());
    lastEnd = LOST;
    renew(gone);
    reachabilityChanged(false, false);
    if (!pause.isZero()) {
      loops.after(pause, this::tellUnlessConnected);
    }
  }

  private void tellUnlessConnected() {
    if (!isConnected() && !closed) {
      tell();
    }
  }

  /** Those who have made the connection for a call of theirs need not be told of it. */
  private void reachabilityChanged(boolean connected, boolean known) {
    if (onReachabilityChange == null || closed) {
      return;
    }
    if (connected) {
      watch.stop();
    } else {
      watch.start();
    }
    if (!known) {
      tell();
    }
  }

  private void socketAppeared() {
    if (onReachabilityChange != null && !isConnected()) {
      connect(appearances.incrementAndGet(), ATTEMPTS_AFTER_APPEARANCE);
      tell();
    }
  }

  /** A later appearance ends the attempts after this one. */
  private void connect(int appearance, int attempts) {
    if (closed || attempts == 0 || appearance != appearances.get()) {
      return;
    }
    renew(link);
    backoff.attemptedNow(now());
    link.channel().getState(true);
    loops.after(ATTEMPT_INTERVAL, () -> connectIfFailed(appearance, attempts - 1));
  }

  private void connectIfFailed(int appearance, int attempts) {
    if (link.state() == ConnectivityState.TRANSIENT_FAILURE) {
      connect(appearance, attempts);
    }
  }

  /** The state of a channel changes inside gRPC's own bookkeeping: nothing else belongs there. */
  private void tell() {
    Runnable listener = onReachabilityChange;
    if (listener != null) {
      loops.after(Duration.ZERO, listener);
    }
  }

  private long now() {
    return loops.scheduler().nanoTime();
  }

  /** Ends the connection; waits for that unless it is called on an event loop. */
  @Override
  public void close() {
    List<Link> all;
    synchronized (this) {
      closed = true;
      all = new ArrayList<>(retired);
      all.add(link);
    }
    watch.stop();
    all.forEach(Link::end);
    if (!loops.inEventLoop()) {
      all.forEach(each -> each.awaitEnd(CLOSE_LIMIT));
    }
  }

  @Override
  public String toString() {
    return "unix:" + socket;
  }
}
