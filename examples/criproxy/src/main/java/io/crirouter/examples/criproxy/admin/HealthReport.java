package io.crirouter.examples.criproxy.admin;

import io.crirouter.examples.criproxy.service.Probes;
import io.grpc.Status;
import java.util.Optional;

/**
 * Whether the proxy works.
 *
 * @param alive whether its event loop answers
 * @param ready whether a kubelet can use it: it listens, and the primary is ready
 * @param reason why it does not; empty if it does
 */
public record HealthReport(boolean alive, boolean ready, String reason) {
  static HealthReport of(Probes probes) {
    try {
      Optional<String> dead = probes.livenessFailure();
      if (dead.isPresent()) {
        return new HealthReport(false, false, dead.get());
      }
      String reason = probes.readinessFailure().orElse("");
      return new HealthReport(true, reason.isEmpty(), reason);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Status.CANCELLED.withDescription("stopping").asRuntimeException();
    }
  }
}
