package io.crirouter.testkit;

import com.google.protobuf.ByteString;
import io.crirouter.core.CriMethod;
import io.crirouter.core.CriRequest;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.core.RuntimeCall;
import io.crirouter.core.Scheduler;
import io.crirouter.testkit.TestRuntime.Dispatcher;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Injects faults into the calls of a backend. Also enforces the timeout of each call, because a
 * hung backend does not. May be used from any thread; no lock is held while a call is forwarded.
 */
final class Faults implements RuntimeBackend {
  private final String place;
  private final RuntimeBackend target;
  private final Scheduler scheduler;
  private final Set<FaultyCall> open = new LinkedHashSet<>();
  private final Map<CriMethod, Deque<Reaction>> next = new HashMap<>();
  private final Deque<Dispatcher> dispatchers = new ArrayDeque<>();
  private final Map<CriMethod, Reaction> always = new HashMap<>();
  private final Map<CriMethod, Duration> delays = new HashMap<>();
  private final Map<CriMethod, RuntimeBackend> replaced = new HashMap<>();
  private final Set<CriMethod> hung = new HashSet<>();
  private boolean down;
  private Runnable onReachabilityChange = () -> {};

  Faults(String place, RuntimeBackend target, Scheduler scheduler) {
    this.place = place;
    this.target = target;
    this.scheduler = scheduler;
  }

  @Override
  public RuntimeCall start(CriRequest request, ResponseListener listener) {
    FaultyCall call = new FaultyCall(request, listener, this);
    boolean wait;
    synchronized (this) {
      open.add(call);
      wait = !down && hung.contains(request.method());
    }
    startTimer(call);
    if (!wait) {
      carryOut(call);
    }
    return call;
  }

  private void startTimer(FaultyCall call) {
    long nanos = call.request().timeoutNanos();
    if (nanos <= 0) {
      call.expire();
    } else if (nanos != CriRequest.NO_TIMEOUT) {
      call.cancelAtEnd(scheduler.schedule(Duration.ofNanos(nanos), call::expire));
    }
  }

  private void carryOut(FaultyCall call) {
    if (!call.claim()) {
      return;
    }
    RpcStatus unreachable = unreachableIfDown();
    if (unreachable != null) {
      call.abandon(unreachable);
      return;
    }
    Reaction reaction = reactionTo(call.request());
    delay(call, reaction);
    if (reaction.outcome() instanceof Reaction.Refuse refusal) {
      call.refuse(refusal.status());
    } else if (reaction.outcome() instanceof Reaction.Answer answer) {
      call.answer(answer.bytes());
    } else {
      call.carryOut(
          backendFor(call.request().method()), reaction.outcome() instanceof Reaction.LoseAnswer);
    }
  }

  private synchronized @Nullable RpcStatus unreachableIfDown() {
    return down ? unreachable() : null;
  }

  private synchronized RuntimeBackend backendFor(CriMethod method) {
    return replaced.getOrDefault(method, target);
  }

  private void delay(FaultyCall call, Reaction reaction) {
    Duration delay = reaction.delay();
    if (delay.isZero() && reaction.isCarriedOut()) {
      synchronized (this) {
        delay = delays.getOrDefault(call.request().method(), Duration.ZERO);
      }
    }
    if (!delay.isZero()) {
      call.holdAnswer();
      call.cancelAtEnd(scheduler.schedule(delay, call::releaseAnswer));
    }
  }

  private Reaction reactionTo(CriRequest request) {
    CriMethod method = request.method();
    List<Dispatcher> current;
    Reaction otherwise;
    synchronized (this) {
      Deque<Reaction> queue = next.get(method);
      if (queue != null && !queue.isEmpty()) {
        return queue.remove();
      }
      current = List.copyOf(dispatchers);
      otherwise = always.getOrDefault(method, Reaction.carryOut());
    }
    return dispatched(request, current).orElse(otherwise);
  }

  /** Called without the lock: a dispatcher is code of the test. */
  private Optional<Reaction> dispatched(CriRequest request, List<Dispatcher> current) {
    if (current.isEmpty()) {
      return Optional.empty();
    }
    RecordedCall call = new RecordedCall(place, request);
    try {
      return current.stream().flatMap(dispatcher -> dispatcher.dispatch(call).stream()).findFirst();
    } catch (RuntimeException | AssertionError e) {
      return Optional.of(
          Reaction.fail(RpcStatus.Code.INTERNAL, "a dispatcher of the test failed: " + e));
    }
  }

  synchronized void failNext(CriMethod method, RpcStatus status) {
    queue(method).add(Reaction.fail(status));
  }

  synchronized void answerNext(CriMethod method, ByteString bytes) {
    queue(method).add(Reaction.respondWithBytes(bytes));
  }

  synchronized void loseNextAnswer(CriMethod method) {
    queue(method).add(Reaction.loseAnswer());
  }

  private Deque<Reaction> queue(CriMethod method) {
    return next.computeIfAbsent(method, key -> new ArrayDeque<>());
  }

  synchronized void failAlways(CriMethod method, RpcStatus status) {
    always.put(method, Reaction.fail(status));
  }

  /** Adds a dispatcher, which is asked before those added earlier. */
  synchronized void dispatch(Dispatcher dispatcher) {
    dispatchers.addFirst(dispatcher);
  }

  synchronized void delay(CriMethod method, Duration delay) {
    delays.put(method, delay);
  }

  /** Applies {@code damage} to each response message of {@code method}. */
  synchronized void damage(CriMethod method, UnaryOperator<ByteString> damage) {
    replaced.put(method, new DamagedAnswers(target, damage));
  }

  /** Responses of {@code method} never complete; see {@link EndlessAnswers}. */
  synchronized void trickle(CriMethod method, Duration every) {
    replaced.put(method, new EndlessAnswers(target, scheduler, every, 1));
  }

  /** Responses of {@code method} are oversized; see {@link Flood}. */
  synchronized void flood(CriMethod method) {
    ByteString filler = Flood.filler(method);
    RuntimeBackend enlarged = new DamagedAnswers(target, message -> message.concat(filler));
    replaced.put(
        method,
        method.serverStreaming()
            ? new EndlessAnswers(enlarged, scheduler, Flood.PAUSE, Flood.burst(method))
            : enlarged);
  }

  /** Removes all faults except {@link #hang} and {@link #down}. */
  synchronized void clear() {
    next.clear();
    dispatchers.clear();
    always.clear();
    delays.clear();
    replaced.clear();
  }

  synchronized void hang(List<CriMethod> methods) {
    hung.addAll(methods);
  }

  void resume() {
    List<FaultyCall> calls;
    synchronized (this) {
      hung.clear();
      calls = List.copyOf(open);
    }
    for (FaultyCall call : calls) {
      carryOut(call);
      call.pump();
    }
  }

  void down() {
    List<FaultyCall> calls;
    synchronized (this) {
      down = true;
      calls = new ArrayList<>(open);
    }
    calls.forEach(call -> call.abandon(unreachable()));
    notifyReachability();
  }

  void up() {
    synchronized (this) {
      down = false;
    }
    notifyReachability();
  }

  private void notifyReachability() {
    Runnable listener;
    synchronized (this) {
      listener = onReachabilityChange;
    }
    listener.run();
  }

  RpcStatus unreachable() {
    return RpcStatus.unreachable(target.address() + " is down");
  }

  synchronized boolean isHung(CriMethod method) {
    return hung.contains(method);
  }

  synchronized void closed(FaultyCall call) {
    open.remove(call);
  }

  @Override
  public String address() {
    return target.address();
  }

  @Override
  public void onReachabilityChange(Runnable listener) {
    synchronized (this) {
      onReachabilityChange = listener;
    }
    target.onReachabilityChange(listener);
  }

  @Override
  public String toString() {
    return "Faults(" + target + ")";
  }
}
