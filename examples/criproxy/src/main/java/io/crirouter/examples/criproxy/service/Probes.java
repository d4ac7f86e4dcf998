package io.crirouter.examples.criproxy.service;

import io.crirouter.core.BackendState;
import io.crirouter.core.BackendState.Phase;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Whether the proxy is alive and ready, for probes. Thread-safe. */
public final class Probes {
  /** How long a busy event loop may take to get to a task. */
  public static final Duration PATIENCE = Duration.ofSeconds(3);

  private final ProxyService service;

  /** Probes of {@code service}. */
  public Probes(ProxyService service) {
    this.service = service;
  }

  /**
   * Why the proxy needs a restart; empty if it does not. Waits for the event loop, which all calls
   * go through.
   */
  public Optional<String> whyNotAlive() throws InterruptedException {
    CountDownLatch reached = new CountDownLatch(1);
    var unused = service.eventLoops().scheduler().schedule(Duration.ZERO, reached::countDown);
    return reached.await(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
        ? Optional.empty()
        : Optional.of("the event loop has not answered for " + PATIENCE.toSeconds() + " s");
  }

  /** Why a kubelet cannot use the proxy now; empty if it can. */
  public Optional<String> whyNotReady() throws InterruptedException {
    Optional<String> dead = whyNotAlive();
    if (dead.isPresent()) {
      return dead;
    }
    if (service.server().isEmpty()) {
      return Optional.of("it does not listen yet: the runtimes are asked what they have");
    }
    BackendState primary = service.router().backends().get(0);
    return primary.phase() == Phase.READY
        ? Optional.empty()
        : Optional.of("the primary, " + primary.name() + ", is not ready: " + primary.reason());
  }
}
