package io.crirouter.testkit.e2e;

import io.crirouter.testkit.containerd.ContainerdInstance;
import io.grpc.Status;
import java.util.EnumMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Kills, stops and restarts runtimes at random, and records the times without a fault. One thread
 * per runtime injects faults. Queries may come from any thread.
 */
final class RuntimeFaults {
  private static final int MIN_MILLIS = 100;
  private static final int MAX_MILLIS = 2000;

  /** Longer than the time after which a runtime that does not answer Version is lost. */
  private static final int HANG_MILLIS = 6000;

  private final RoutedPair pair;
  private final ChaosClock clock;

  /** The number of changes between healthy and faulty; odd during a fault. */
  private final Map<Side, AtomicInteger> changes = new EnumMap<>(Side.class);

  RuntimeFaults(RoutedPair pair, ChaosClock clock) {
    this.pair = pair;
    this.clock = clock;
    for (Side side : Side.values()) {
      changes.put(side, new AtomicInteger());
    }
  }

  /** An interval from {@link #begin} until now. */
  final class Interval {
    private final Side side;
    private final int begin;

    private Interval(Side side) {
      this.side = side;
      this.begin = changeCount();
    }

    private int changeCount() {
      return changes.get(side).get();
    }

    /** Whether the runtime had no fault during the interval, as seen by the router. */
    boolean wasHealthy() {
      return begin % 2 == 0 && begin == changeCount();
    }
  }

  Interval begin(Side side) {
    return new Interval(side);
  }

  /** The number of faults that a runtime has recovered from. */
  int completed(Side side) {
    return changes.get(side).get() / 2;
  }

  /** Injects faults until the end of the run. The runtime is healthy afterwards. */
  void injectUntilEnd(Side side, Random random, int calmMillis) {
    while (clock.sleep(calmMillis / 2 + random.nextInt(calmMillis))) {
      changes.get(side).incrementAndGet();
      applyRandomFault(
          pair.runtime(side), random, side == Side.SECONDARY ? HANG_MILLIS : MAX_MILLIS);
      awaitAnswer(side);
      changes.get(side).incrementAndGet();
    }
  }

  private void applyRandomFault(ContainerdInstance runtime, Random random, int hangMillis) {
    int faultMillis = MIN_MILLIS + random.nextInt(MAX_MILLIS - MIN_MILLIS);
    switch (random.nextInt(5)) {
      case 0 -> runtime.restart();
      case 1 -> {
        runtime.kill();
        clock.sleep(faultMillis);
        runtime.restart();
      }
      case 2 -> {
        runtime.pause();
        clock.sleep(faultMillis);
        runtime.restart();
      }
      case 3 -> {
        runtime.pause();
        clock.sleep(hangMillis);
        runtime.resume();
      }
      default -> {
        runtime.pause();
        clock.sleep(faultMillis);
        runtime.resume();
      }
    }
  }

  private void awaitAnswer(Side side) {
    CriCall call = new CriCall("PodSandboxStatus", "pod_sandbox_id: 'POD'");
    Await.until(
        "answer of " + pair.runtime(side),
        () -> call.execute(pair.proxy(), CriCall.Names.forClients(pair.pod(side))),
        outcome -> outcome.code() == Status.Code.OK);
  }
}
