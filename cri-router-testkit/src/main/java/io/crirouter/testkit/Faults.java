package io.crirouter.testkit;

import com.google.protobuf.ByteString;
import io.crirouter.core.CriMethod;
import io.crirouter.core.CriRequest;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.core.RuntimeCall;
import io.crirouter.core.Scheduler;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Stands between callers and a backend and makes it misbehave on demand. Also the one place where a
 * call's time limit is watched, since a hung backend would not.
 */
final class Faults implements RuntimeBackend {
  private final RuntimeBackend target;
  private final Scheduler scheduler;
  private final Set<FaultyCall> open = new LinkedHashSet<>();
  private final Map<CriMethod, Deque<Fault>> next = new HashMap<>();
  private final Map<CriMethod, RpcStatus> always = new HashMap<>();
  private final Map<CriMethod, Duration> delays = new HashMap<>();
  private final Map<CriMethod, RuntimeBackend> replaced = new HashMap<>();
  private final Set<CriMethod> hung = new HashSet<>();
  private boolean down;
  private Runnable onReachabilityChange = () -> {};

  Faults(RuntimeBackend target, Scheduler scheduler) {
    this.target = target;
    this.scheduler = scheduler;
  }

  /** What happens to one call in place of, or after, its being carried out. */
  private sealed interface Fault {
    record Refuse(RpcStatus status) implements Fault {}

    record Answer(ByteString bytes) implements Fault {}

    record LoseAnswer() implements Fault {}
  }

  @Override
  public RuntimeCall start(CriRequest request, ResponseListener listener) {
    FaultyCall call = new FaultyCall(request, listener, this);
    boolean wait;
    synchronized (this) {
      open.add(call);
      wait = !down && hung.contains(request.method());
    }
    limit(call);
    if (!wait) {
      carryOut(call);
    }
    return call;
  }

  private void limit(FaultyCall call) {
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
    CriMethod method = call.request().method();
    Fault fault;
    Duration delay;
    RuntimeBackend carrier;
    synchronized (this) {
      if (down) {
        fault = new Fault.Refuse(unreachable());
      } else {
        fault = faultFor(method);
      }
      delay = delays.getOrDefault(method, Duration.ZERO);
      carrier = replaced.getOrDefault(method, target);
    }
    if (fault instanceof Fault.Refuse refusal) {
      call.abandon(refusal.status());
    } else if (fault instanceof Fault.Answer answer) {
      call.answer(answer.bytes());
    } else {
      if (!delay.isZero()) {
        call.holdAnswer();
        call.cancelAtEnd(scheduler.schedule(delay, call::releaseAnswer));
      }
      call.carryOut(carrier, fault instanceof Fault.LoseAnswer);
    }
  }

  private @Nullable Fault faultFor(CriMethod method) {
    Deque<Fault> queue = next.get(method);
    if (queue != null && !queue.isEmpty()) {
      return queue.remove();
    }
    RpcStatus status = always.get(method);
    return status == null ? null : new Fault.Refuse(status);
  }

  synchronized void failNext(CriMethod method, RpcStatus status) {
    queue(method).add(new Fault.Refuse(requireFailure(status)));
  }

  synchronized void answerNext(CriMethod method, ByteString bytes) {
    queue(method).add(new Fault.Answer(bytes));
  }

  synchronized void loseNextAnswer(CriMethod method) {
    queue(method).add(new Fault.LoseAnswer());
  }

  private Deque<Fault> queue(CriMethod method) {
    return next.computeIfAbsent(method, key -> new ArrayDeque<>());
  }

  synchronized void failAlways(CriMethod method, RpcStatus status) {
    always.put(method, requireFailure(status));
  }

  private static RpcStatus requireFailure(RpcStatus status) {
    if (status.isOk()) {
      throw new IllegalArgumentException("OK is no failure");
    }
    return status;
  }

  synchronized void delay(CriMethod method, Duration delay) {
    delays.put(method, delay);
  }

  /** Answers of {@code method} are right but for {@code damage}, which is done to each message. */
  synchronized void damage(CriMethod method, UnaryOperator<ByteString> damage) {
    replaced.put(method, new DamagedAnswers(target, damage));
  }

  /** Answers of {@code method} have no end; see {@link EndlessAnswers}. */
  synchronized void trickle(CriMethod method, Duration every) {
    replaced.put(method, new EndlessAnswers(target, scheduler, every, 1));
  }

  /** Answers of {@code method} are more than anybody can hold; see {@link Flood}. */
  synchronized void flood(CriMethod method) {
    ByteString filler = Flood.filler(method);
    RuntimeBackend enlarged = new DamagedAnswers(target, message -> message.concat(filler));
    replaced.put(
        method,
        method.serverStreaming()
            ? new EndlessAnswers(enlarged, scheduler, Flood.PAUSE, Flood.burst(method))
            : enlarged);
  }

  /** Forgets everything that was asked for, but for {@link #hang} and {@link #down}. */
  synchronized void clear() {
    next.clear();
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
    tellReachability();
  }

  void up() {
    synchronized (this) {
      down = false;
    }
    tellReachability();
  }

  private void tellReachability() {
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
  public synchronized void onReachabilityChange(Runnable listener) {
    onReachabilityChange = listener;
  }

  @Override
  public String toString() {
    return "Faults(" + target + ")";
  }
}
