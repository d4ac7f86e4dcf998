package io.crirouter.examples.criproxy.service;

import io.crirouter.core.BackendState;
import io.crirouter.core.BackendState.Phase;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Answers liveness and readiness probes of the proxy. Thread-safe. */
public final class Probes {
  /** How long the event loop may take to run a task. */
  public static final Duration EVENT_LOOP_LIMIT = Duration.ofSeconds(3);

  private final ProxyService service;

  /** Probes of {@code service}. */
  public Probes(ProxyService service) {
    this.service = service;
  }

  /**
   * Why the proxy needs a restart; empty if it does not. Waits for the event loop, which runs all
   * calls.
   */
  public Optional<String> livenessFailure() throws InterruptedException {
    CountDownLatch reached = new CountDownLatch(1);
    var unused = service.eventLoops().scheduler().schedule(Duration.ZERO, reached::countDown);
    return reached.await(EVENT_LOOP_LIMIT.toMillis(), TimeUnit.MILLISECONDS)
        ? Optional.empty()
        : Optional.of("the event loop has not answered for " + EVENT_LOOP_LIMIT.toSeconds() + " s");
  }

  /** Why a kubelet cannot use the proxy now; empty if it can. */
  public Optional<String> readinessFailure() throws InterruptedException {
    Optional<String> dead = livenessFailure();
    if (dead.isPresent()) {
      return dead;
    }
    if (service.server().isEmpty()) {
      return Optional.of("it does not listen yet: it waits for the first answers of the runtimes");
    }
    BackendState primary = service.router().backends().get(0);
    return primary.phase() == Phase.READY
        ? Optional.empty()
        : Optional.of("the primary, " + primary.name() + ", is not ready: " + primary.reason());
  }
}
