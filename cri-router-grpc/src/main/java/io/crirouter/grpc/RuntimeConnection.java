package io.crirouter.grpc;

import com.google.protobuf.ByteString;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The connection to the runtime behind one socket: made when it is first needed, and again when it
 * broke.
 *
 * <p>Left alone, a gRPC channel that cannot connect tries again after pauses that grow to minutes,
 * and fails every call until then. On one machine an attempt costs next to nothing, so here the
 * next call makes an attempt of its own and waits for its outcome, and a socket file that appears
 * makes one too. Each such attempt takes a new channel, since a channel keeps no promise about when
 * it has really let go of an old attempt.
 */
final class RuntimeConnection implements AutoCloseable {
  private static final Duration ATTEMPT_INTERVAL = Duration.ofMillis(100);
  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(2);

  /** A server listens a moment after its socket's file has appeared. */
  private static final int ATTEMPTS_AFTER_APPEARANCE = 10;

  /**
   * What Go clients, kubelets among them, accept. An error's message and details are headers too,
   * and with gRPC-Java's 8 KiB a longer message would break the connection with all its calls.
   */
  private static final int MAX_HEADER_BYTES = 16 << 20;

  /** Per stream: what a runtime may send ahead of a slow reader besides one message. */
  private static final int WINDOW_BYTES = 1 << 20;

  /** Long enough for gRPC to take it as "never". */
  private static final long NEVER_DAYS = 365;

  private final Path socket;
  private final Limits limits;
  private final EventLoops loops;
  private final Runnable onDisconnect;
  private final SocketWatch watch;
  private final List<ManagedChannel> retired = new ArrayList<>();
  private volatile ManagedChannel channel;
  private volatile @Nullable Runnable onReachabilityChange;
  private volatile boolean closed;
  private long lastAttempt;

  /**
   * A connection that nobody has made yet.
   *
   * @param onDisconnect told whenever the connection is gone, before there is another one
   */
  RuntimeConnection(Path socket, Limits limits, EventLoops loops, Runnable onDisconnect) {
    this.socket = socket;
    this.limits = limits;
    this.loops = loops;
    this.onDisconnect = onDisconnect;
    this.watch = new SocketWatch(socket, loops, this::socketAppeared);
    this.lastAttempt = loops.scheduler().nanoTime() - ATTEMPT_INTERVAL.toNanos();
    this.channel = newChannel();
    observe(channel);
  }

  private ManagedChannel newChannel() {
    return loops
        .channelTo(socket)
        // gRPC would send the socket's path, which some servers reject.
        .overrideAuthority("localhost")
        .directExecutor()
        .disableRetry()
        .idleTimeout(NEVER_DAYS, TimeUnit.DAYS)
        .maxInboundMessageSize(limits.maxResponseBytes())
        .maxInboundMetadataSize(MAX_HEADER_BYTES)
        .flowControlWindow(WINDOW_BYTES)
        .userAgent("cri-router")
        .build();
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

  /** Runs {@code task} on an event loop after {@code delay}; the result cancels it. */
  Runnable after(Duration delay, Runnable task) {
    return loops.after(delay, task);
  }

  boolean isConnected() {
    return isConnected(channel);
  }

  boolean isClosed() {
    return closed;
  }

  /** A call, which connects if need be, also if the last attempt failed a moment ago. */
  ClientCall<ByteString, ByteString> newCall(
      MethodDescriptor<ByteString, ByteString> method, CallOptions options) {
    if (channel.getState(false) == ConnectivityState.TRANSIENT_FAILURE && isTimeForAttempt()) {
      renew();
    }
    return channel.newCall(method, options);
  }

  /** Gives up an attempt to connect that nobody answers, so that the next call makes a new one. */
  void abandonAttempt() {
    if (channel.getState(false) == ConnectivityState.CONNECTING) {
      renew();
    }
  }

  private synchronized boolean isTimeForAttempt() {
    long now = loops.scheduler().nanoTime();
    if (now - lastAttempt < ATTEMPT_INTERVAL.toNanos()) {
      return false;
    }
    lastAttempt = now;
    return true;
  }

  /** Begins anew with a channel that has no failures behind it. */
  private synchronized void renew() {
    if (closed) {
      return;
    }
    ManagedChannel old = channel;
    retired.removeIf(ManagedChannel::isTerminated);
    retired.add(old);
    channel = newChannel();
    observe(channel);
    onDisconnect.run();
    // Not at once: another thread may be about to start a call on it.
    loops.after(ATTEMPT_INTERVAL, old::shutdown);
  }

  private void observe(ManagedChannel observed) {
    ConnectivityState state = observed.getState(false);
    if (state != ConnectivityState.SHUTDOWN) {
      observed.notifyWhenStateChanged(state, () -> stateLeft(observed, state));
    }
  }

  private void stateLeft(ManagedChannel observed, ConnectivityState before) {
    observe(observed);
    if (observed != channel) {
      return;
    }
    boolean wasConnected = before == ConnectivityState.READY;
    boolean connected = isConnected(observed);
    if (wasConnected && !connected) {
      onDisconnect.run();
    }
    if (connected != wasConnected) {
      reachabilityChanged(connected);
    }
  }

  private static boolean isConnected(ManagedChannel channel) {
    return channel.getState(false) == ConnectivityState.READY;
  }

  private void reachabilityChanged(boolean connected) {
    Runnable listener = onReachabilityChange;
    if (listener == null || closed) {
      return;
    }
    if (connected) {
      watch.stop();
    } else {
      watch.start();
    }
    tell(listener);
  }

  private void socketAppeared() {
    Runnable listener = onReachabilityChange;
    if (listener != null && !isConnected()) {
      connect(ATTEMPTS_AFTER_APPEARANCE);
      tell(listener);
    }
  }

  private void connect(int attempts) {
    if (closed || attempts == 0) {
      return;
    }
    renew();
    channel.getState(true);
    loops.after(ATTEMPT_INTERVAL, () -> connectIfFailed(attempts - 1));
  }

  private void connectIfFailed(int attempts) {
    if (channel.getState(false) == ConnectivityState.TRANSIENT_FAILURE) {
      connect(attempts);
    }
  }

  /** The state of a channel changes inside gRPC's own bookkeeping: nothing else belongs there. */
  private void tell(Runnable listener) {
    loops.after(Duration.ZERO, listener);
  }

  /** Ends the connection; waits for that unless it is called on an event loop. */
  @Override
  public void close() {
    List<ManagedChannel> all;
    synchronized (this) {
      closed = true;
      all = new ArrayList<>(retired);
      all.add(channel);
    }
    watch.stop();
    all.forEach(ManagedChannel::shutdownNow);
    if (!loops.inEventLoop()) {
      all.forEach(RuntimeConnection::awaitEnd);
    }
  }

  private static void awaitEnd(ManagedChannel channel) {
    try {
      channel.awaitTermination(CLOSE_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public String toString() {
    return "unix:" + socket;
  }
}
