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
 * Two containerd of one line with a router in front, a client of the router and a client of each
 * runtime.
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

  /** Starts everything. If that fails, everything is removed. */
  static RoutedPair start(ContainerdLine line) {
    ContainerdPair runtimes = ContainerdPair.start(line);
    try {
      return new RoutedPair(runtimes);
    } catch (RuntimeException | Error e) {
      runtimes.close();
      throw e;
    }
  }

  /** The client of the router, which has default settings. */
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

  /** A pod with one container, created once for tests that do not change it. */
  KubeletPod pod(Side side) {
    return pods.computeIfAbsent(
        side,
        here -> {
          KubeletPod pod = KubeletPod.run(this, here, "on-" + here.name().toLowerCase(Locale.ROOT));
          pod.start(PodSpecs.printing("main", "words of " + here));
          return pod;
        });
  }

  /**
   * Ends and removes everything.
   *
   * @throws AssertionError if resources are left on this machine
   */
  @Override
  public void close() {
    HostResources traces = HostResources.of(runtimes);
    if (traces.left().isEmpty()) {
      throw new AssertionError("no resources of " + this + " were found while it runs");
    }
    resources.close();
    List<?> left = traces.left();
    if (!left.isEmpty()) {
      throw new AssertionError(this + " has not removed " + left);
    }
  }

  @Override
  public String toString() {
    return "router in front of " + runtimes;
  }
}
