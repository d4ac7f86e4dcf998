package io.crirouter.examples.criproxy.bootstrap;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;

/** Checks the health of a kubelet: its unit, its health endpoint, and the Ready condition. */
final class KubeletHealth {
  private static final Duration PAUSE = Duration.ofSeconds(1);

  private final Node node;
  private final Systemctl systemctl;
  private final String unit;

  KubeletHealth(Node node, Systemctl systemctl, String unit) {
    this.node = node;
    this.systemctl = systemctl;
    this.unit = unit;
  }

  /** Why it is not healthy; empty if it is. */
  Optional<String> problem() throws IOException {
    if (!systemctl.isActive(unit)) {
      return Optional.of(unit + " does not run");
    }
    try {
      Kubelet kubelet = Kubelet.detect(node);
      Optional<URI> healthz = kubelet.healthz(node);
      if (healthz.isPresent() && !node.answersOk(healthz.get())) {
        return Optional.of(healthz.get() + " does not answer with ok");
      }
      return new ApiServer(node, kubelet).isReady().orElse(true)
          ? Optional.empty()
          : Optional.of("the node is not Ready");
    } catch (RefusedException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  /** Waits until it is healthy. Returns why it is not after {@code limit}; empty if it is. */
  Optional<String> await(Duration limit) throws IOException, InterruptedException {
    long end = node.nanoTime() + limit.toNanos();
    Optional<String> problem = problem();
    while (problem.isPresent() && node.nanoTime() - end < 0) {
      node.pause(PAUSE);
      problem = problem();
    }
    return problem;
  }
}
