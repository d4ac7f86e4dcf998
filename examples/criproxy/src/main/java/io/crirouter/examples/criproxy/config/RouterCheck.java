package io.crirouter.examples.criproxy.config;

import io.crirouter.core.BackendName;
import io.crirouter.core.Cancellable;
import io.crirouter.core.CriRequest;
import io.crirouter.core.CriRouter;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.core.RuntimeCall;
import io.crirouter.core.Scheduler;
import java.time.Duration;
import java.time.Instant;

/** Checks a configuration by building a router with it, without connecting to runtimes. */
final class RouterCheck {
  private static final Scheduler NO_TIME =
      new Scheduler() {
        @Override
        public long nanoTime() {
          return 0;
        }

        @Override
        public Instant now() {
          return Instant.EPOCH;
        }

        @Override
        public Cancellable schedule(Duration delay, Runnable task) {
          return () -> {};
        }
      };

  private RouterCheck() {}

  /** A runtime that never answers. Each backend needs its own instance. */
  private static final class AbsentRuntime implements RuntimeBackend {
    @Override
    public RuntimeCall start(CriRequest request, ResponseListener listener) {
      return RuntimeCall.ENDED;
    }
  }

  /** Adds the error with which the router refuses the backends, equal id prefixes for example. */
  static void check(ProxyConfig config, Problems problems) {
    CriRouter.Builder builder =
        CriRouter.builder()
            .scheduler(NO_TIME)
            .policy(config.policy())
            .ids(config.ids())
            .images(config.images());
    BackendName primary = config.backends().get(0).name();
    for (BackendConfig backend : config.backends()) {
      if (backend.name().equals(primary)) {
        builder.primary(primary, new AbsentRuntime(), backend.options());
      } else {
        builder.secondary(backend.name(), new AbsentRuntime(), backend.options());
      }
    }
    try {
      builder.build().close();
    } catch (IllegalArgumentException e) {
      problems.add(config.origin("backends"), "backends", String.valueOf(e.getMessage()));
    }
  }
}
