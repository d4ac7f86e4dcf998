package io.crirouter.testkit.e2e;

import io.crirouter.testkit.containerd.ContainerdInstance;
import io.grpc.Status;
import java.util.EnumMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Kills, stops and restarts runtimes by a schedule, and knows which of them has been well since
 * when. One thread per runtime makes trouble; any may ask.
 */
final class Troubles {
  private static final int SHORTEST_MILLIS = 100;
  private static final int MOST_MILLIS = 2000;

  /** Longer than a runtime may leave a Version unanswered before it counts as lost. */
  private static final int HANG_MILLIS = 6000;

  private final RoutedPair pair;
  private final ChaosClock clock;

  /** Odd while there is trouble. */
  private final Map<Side, AtomicInteger> turns = new EnumMap<>(Side.class);

  Troubles(RoutedPair pair, ChaosClock clock) {
    this.pair = pair;
    this.clock = clock;
    for (Side side : Side.values()) {
      turns.put(side, new AtomicInteger());
    }
  }

  /** A time in which a runtime may be well all along. */
  final class Span {
    private final Side side;
    private final int begin;

    private Span(Side side) {
      this.side = side;
      this.begin = turn();
    }

    private int turn() {
      return turns.get(side).get();
    }

    /** Whether the runtime has been well from the beginning until now, also for the router. */
    boolean wasWell() {
      return begin % 2 == 0 && begin == turn();
    }
  }

  Span begin(Side side) {
    return new Span(side);
  }

  /** How often a runtime has come back. */
  int survived(Side side) {
    return turns.get(side).get() / 2;
  }

  /** Makes trouble until time is up, and leaves the runtime well. */
  void make(Side side, Random random, int calmMillis) {
    while (clock.pass(calmMillis / 2 + random.nextInt(calmMillis))) {
      turns.get(side).incrementAndGet();
      something(pair.runtime(side), random, side == Side.SECONDARY ? HANG_MILLIS : MOST_MILLIS);
      awaitWell(side);
      turns.get(side).incrementAndGet();
    }
  }

  private void something(ContainerdInstance runtime, Random random, int hangMillis) {
    int lasts = SHORTEST_MILLIS + random.nextInt(MOST_MILLIS - SHORTEST_MILLIS);
    switch (random.nextInt(5)) {
      case 0 -> runtime.restart();
      case 1 -> {
        runtime.kill();
        clock.pass(lasts);
        runtime.restart();
      }
      case 2 -> {
        runtime.pause();
        clock.pass(lasts);
        runtime.restart();
      }
      case 3 -> {
        runtime.pause();
        clock.pass(hangMillis);
        runtime.resume();
      }
      default -> {
        runtime.pause();
        clock.pass(lasts);
        runtime.resume();
      }
    }
  }

  private void awaitWell(Side side) {
    Question question = new Question("PodSandboxStatus", "pod_sandbox_id: 'POD'");
    Await.until(
        "answer of " + pair.runtime(side),
        () -> question.ask(pair.proxy(), Question.Names.inFront(pair.pod(side))),
        outcome -> outcome.code() == Status.Code.OK);
  }
}
