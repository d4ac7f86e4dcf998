package io.crirouter.testkit.router;

import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.testkit.FakeRuntime;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Injects random faults into runtimes, for some seconds each. */
final class ChaosFaults {
  /** The time until the router has detected the end of a fault. */
  private static final Duration DETECTION_TIME = Duration.ofSeconds(6);

  private static final int MAX_DELAY_MILLIS = 3000;
  private static final int MAX_FAULT_MILLIS = 20_000;
  private static final List<String> RPCS =
      List.of(
          "Version",
          "ListPodSandbox",
          "ListContainers",
          "PodSandboxStatus",
          "RunPodSandbox",
          "RemovePodSandbox");

  private final Random random;
  private final ChaosNode node;
  private final long[] faultyUntil;

  ChaosFaults(Random random, ChaosNode node) {
    this.random = random;
    this.node = node;
    this.faultyUntil = new long[node.runtimes()];
  }

  /** Whether the runtime has a fault, or had one within {@link #DETECTION_TIME}. */
  boolean isFaulty(int runtime) {
    return node.time().nanoTime() < faultyUntil[runtime];
  }

  /** Injects a fault. */
  void begin() {
    int index = random.nextInt(node.runtimes());
    FakeRuntime runtime = node.runtime(index);
    String rpc = RPCS.get(random.nextInt(RPCS.size()));
    faultyUntil[index] = Long.MAX_VALUE;
    switch (random.nextInt(12)) {
      case 0 -> runtime.down();
      case 1 -> runtime.hang();
      case 2 -> runtime.failNext("ListPodSandbox", Code.UNKNOWN, "chaos");
      case 3 -> runtime.delay("ListPodSandbox", millis(random.nextInt(MAX_DELAY_MILLIS)));
      case 4 -> runtime.loseNextAnswer("RunPodSandbox");
      case 5, 6 -> runtime.hang(rpc);
      case 7 -> runtime.truncate(rpc);
      case 8 -> runtime.garble(rpc);
      case 9 -> runtime.garbleText("ListPodSandbox");
      case 10 -> runtime.failAlways(rpc, RpcStatus.of(Code.UNIMPLEMENTED, "chaos"));
      default -> runtime.trickle(Duration.ofSeconds(1), rpc);
    }
    node.time().schedule(millis(100 + random.nextInt(MAX_FAULT_MILLIS)), () -> heal(index));
  }

  private static Duration millis(int millis) {
    return Duration.ofMillis(millis);
  }

  void healAll() {
    for (int i = 0; i < node.runtimes(); i++) {
      heal(i);
    }
  }

  private void heal(int index) {
    FakeRuntime runtime = node.runtime(index);
    runtime.up();
    runtime.heal();
    runtime.resume();
    faultyUntil[index] = node.time().nanoTime() + DETECTION_TIME.toNanos();
  }

  @Override
  public String toString() {
    return "ChaosTroubles(until " + Arrays.toString(faultyUntil) + ")";
  }
}
