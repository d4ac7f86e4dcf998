package io.crirouter.testkit.e2e;

import io.crirouter.testkit.CriClient;
import io.crirouter.testkit.containerd.ContainerdInstance;
import io.crirouter.testkit.containerd.ContainerdLine;
import io.crirouter.testkit.containerd.ContainerdPair;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Two containerd of one line with a router in front, and clients: of the router, and of each
 * runtime to see what really happens there.
 */
final class RoutedPair implements AutoCloseable {
  private final Resources resources = new Resources();
  private final ContainerdPair runtimes;
  private final Map<Side, CriClient> direct = new EnumMap<>(Side.class);
  private final CriClient proxy;
  private final Map<Side, KubeletPod> pods = new EnumMap<>(Side.class);

  private RoutedPair(ContainerdPair runtimes) {
    this.runtimes = resources.keep(runtimes);
    for (Side side : Side.values()) {
      direct.put(side, resources.keep(CriClient.connect(runtime(side).socket())));
    }
    proxy = resources.keep(RouterInFront.of(runtimes, RouterInFront.Setup.DEFAULT)).client();
  }

  /** Starts everything; nothing is left if that fails. */
  static RoutedPair start(ContainerdLine line) {
    ContainerdPair runtimes = ContainerdPair.start(line);
    try {
      return new RoutedPair(runtimes);
    } catch (RuntimeException | Error e) {
      runtimes.close();
      throw e;
    }
  }

  /** The client of a router with all defaults. */
  CriClient proxy() {
    return proxy;
  }

  /** A client of the runtime itself. */
  CriClient direct(Side side) {
    return direct.get(side);
  }

  ContainerdInstance runtime(Side side) {
    return side == Side.PRIMARY ? runtimes.primary() : runtimes.special();
  }

  ContainerdPair runtimes() {
    return runtimes;
  }

  /** A pod with one container, made once for all tests that leave it as it is. */
  KubeletPod pod(Side side) {
    return pods.computeIfAbsent(
        side,
        here -> {
          KubeletPod pod = KubeletPod.run(this, here, "on-" + here.name().toLowerCase(Locale.ROOT));
          pod.start(PodSpecs.talker("main", "words of " + here));
          return pod;
        });
  }

  /**
   * Ends all of it.
   *
   * @throws AssertionError if it has left something on this machine
   */
  @Override
  public void close() {
    Traces traces = Traces.of(runtimes);
    if (traces.left().isEmpty()) {
      throw new AssertionError("no traces of " + this + " are seen while it runs");
    }
    resources.close();
    List<?> left = traces.left();
    if (!left.isEmpty()) {
      throw new AssertionError(this + " has left " + left);
    }
  }

  @Override
  public String toString() {
    return "router in front of " + runtimes;
  }
}
