package io.crirouter.examples.criproxy.service;

import static java.util.Objects.requireNonNull;

import io.crirouter.core.BackendName;
import io.crirouter.core.BackendState.Phase;
import io.crirouter.core.Cancellable;
import io.crirouter.core.CriRouter;
import io.crirouter.core.Scheduler;
import io.crirouter.examples.criproxy.config.BackendConfig;
import io.crirouter.examples.criproxy.config.BadConfigurationException;
import io.crirouter.examples.criproxy.config.ProxyConfig;
import io.crirouter.examples.criproxy.service.Runtimes.Connected;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Changes a running router from one configuration to another, wholly or not at all. Single use. */
final class Reload {
  private static final Set<String> CHANGEABLE =
      Set.of("backends", "policies", "log.level", "drainTimeout");

  /** The keys that need another connection to the runtime. */
  private static final Set<String> CONNECTION_KEYS =
      Set.of("endpoint", "connectTimeout", "maxResponseBytes");

  /** The keys that determine ids and image names, which clients keep. */
  private static final Set<String> NAMING_KEYS = Set.of("idPrefix", "images");

  private final ProxyConfig from;
  private final ProxyConfig to;
  private final CriRouter router;
  private final Runtimes runtimes;
  private final Scheduler scheduler;
  private final List<String> changes = new ArrayList<>();
  private final List<Connected> added = new ArrayList<>();
  private final List<Connected> changed = new ArrayList<>();
  private final List<Connected> unused = new ArrayList<>();
  private final List<BackendName> kept = new ArrayList<>();

  /**
   * @param scheduler runs tasks on the event loop of the router
   */
  Reload(
      ProxyConfig from, ProxyConfig to, CriRouter router, Runtimes runtimes, Scheduler scheduler) {
    this.scheduler = scheduler;
    this.from = from;
    this.to = to;
    this.router = router;
    this.runtimes = runtimes;
  }

  /**
   * Applies the configuration. Waits until new runtimes have been listed, or for their timeout.
   *
   * @return the changes, as text for operators
   * @throws BadConfigurationException if it cannot be applied; nothing has changed then
   */
  List<String> apply() throws BadConfigurationException, InterruptedException {
    Set<String> keys = from.differences(to);
    requireChangeable(keys);
    try {
      plan();
      add();
    } catch (BadConfigurationException | InterruptedException | RuntimeException e) {
      unused.forEach(runtime -> runtime.connection().close());
      kept.forEach(this::removeWhenEmpty);
      throw e;
    }
    switchOver();
    if (keys.contains("log.level")) {
      to.logLevel().apply();
    }
    keys.stream().filter(key -> !key.equals("backends")).forEach(changes::add);
    return changes;
  }

  private void requireChangeable(Set<String> keys) throws BadConfigurationException {
    Set<String> fixed = new TreeSet<>(keys);
    fixed.removeAll(CHANGEABLE);
    if (!to.backends().get(0).name().equals(from.backends().get(0).name())) {
      fixed.add("backends[0].name");
    }
    for (BackendConfig backend : to.backends()) {
      Connected present = runtimes.find(backend.name());
      if (present != null) {
        Set<String> names = present.config().differences(backend);
        names.retainAll(NAMING_KEYS);
        names.forEach(key -> fixed.add(key + " of backend " + backend.name()));
      }
    }
    if (!fixed.isEmpty()) {
      throw refusal(howToChange() + " is needed to change " + String.join(", ", fixed));
    }
  }

  private String howToChange() {
    return from.adminSocket()
        .map(admin -> "a restart or a hand-over (criproxy hand-over --admin " + admin + ")")
        .orElse("a restart");
  }

  private static BadConfigurationException refusal(String why) {
    return new BadConfigurationException(why, null);
  }

  /** Plans the changes, and checks that runtimes answer at their new sockets. */
  private void plan() throws BadConfigurationException, InterruptedException {
    for (BackendConfig backend : to.backends()) {
      Connected present = present(backend.name());
      Set<String> keys = present == null ? CONNECTION_KEYS : present.config().differences(backend);
      boolean isConnected = CONNECTION_KEYS.stream().noneMatch(keys::contains);
      if (keys.contains("endpoint")) {
        requireOwnSocket(backend);
      }
      if (present == null) {
        added.add(connect(backend));
      } else if (isConnected) {
        changed.add(present.with(backend));
      } else {
        Connected next = connect(backend);
        requireAnswer(next);
        changed.add(next);
      }
    }
  }

  /** The runtime of this name; null if there is none. Cancels a removal that is pending. */
  private @Nullable Connected present(BackendName name) {
    boolean isRemoved = from.backends().stream().noneMatch(backend -> backend.name().equals(name));
    if (isRemoved && runtimes.find(name) != null) {
      if (!router.keep(name)) {
        runtimes.remove(name);
        return null;
      }
      kept.add(name);
    }
    return runtimes.find(name);
  }

  private void removeWhenEmpty(BackendName name) {
    CompletionStage<Void> unused =
        router.removeWhenEmpty(name).thenRun(() -> runtimes.remove(name));
  }

  private Connected connect(BackendConfig backend) {
    Connected runtime = runtimes.connect(backend);
    unused.add(runtime);
    return runtime;
  }

  /** Checks that no other runtime has the socket: each of its pods would be listed twice. */
  private void requireOwnSocket(BackendConfig backend) throws BadConfigurationException {
    for (Connected other : runtimes.all()) {
      BackendName name = other.config().name();
      if (!name.equals(backend.name()) && isSame(other.config().socket(), backend.socket())) {
        throw refusal(
            String.format(
                "backend %s has the socket of backend %s, which is removed only when it has no"
                    + " pods: a restart or a hand-over is needed to rename it",
                backend.name(), name));
      }
    }
  }

  private static boolean isSame(Path one, Path other) {
    try {
      return one.equals(other) || Files.isSameFile(one, other);
    } catch (IOException e) {
      // One of them does not exist.
      return false;
    }
  }

  /** Checks that a runtime that is ready answers at its new socket too. */
  private void requireAnswer(Connected next)
      throws BadConfigurationException, InterruptedException {
    BackendName name = next.config().name();
    if (isReady(name)) {
      String why = Runtimes.probeFailure(next);
      if (!why.isEmpty()) {
        throw refusal(
            String.format(
                "runtime %s is ready, but not at %s: %s", name, next.config().socket(), why));
      }
    }
  }

  private boolean isReady(BackendName name) {
    return router.backends().stream()
        .anyMatch(state -> state.name().equals(name) && state.phase() == Phase.READY);
  }

  private void remove(List<BackendName> names) {
    for (BackendName name : names) {
      CompletionStage<Void> unused = router.removeByForce(name);
    }
  }

  private void add() throws BadConfigurationException, InterruptedException {
    List<BackendName> names = new ArrayList<>();
    try {
      for (Connected runtime : added) {
        BackendConfig config = runtime.config();
        router.add(config.name(), runtime.routed(), config.options());
        names.add(config.name());
      }
      awaitContact();
    } catch (IllegalArgumentException e) {
      remove(names);
      throw refusal(String.valueOf(e.getMessage()));
    } catch (InterruptedException e) {
      remove(names);
      throw e;
    }
  }

  /** Waits for the first contact of new runtimes, before a policy can route pods to them. */
  private void awaitContact() throws InterruptedException {
    if (!added.isEmpty()) {
      CompletableFuture<@Nullable Void> contact = new CompletableFuture<>();
      router.firstContact().thenRun(() -> contact.complete(null));
      try {
        contact
            .completeOnTimeout(null, to.timeouts().firstContact().toMillis(), TimeUnit.MILLISECONDS)
            .get();
      } catch (ExecutionException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /** Switches the router to the new configuration. Cannot fail. */
  private void switchOver() throws InterruptedException {
    for (Connected runtime : added) {
      runtimes.put(runtime);
      changes.add("backend " + runtime.config().name() + " added");
    }
    for (Connected runtime : changed) {
      change(runtime);
    }
    router.usePolicy(to.policy());
    awaitEventLoop();
    for (BackendConfig former : from.backends()) {
      BackendName name = former.name();
      if (to.backends().stream().noneMatch(backend -> backend.name().equals(name))) {
        changes.add("backend " + name + " is removed when it has no pods");
        removeWhenEmpty(name);
      }
    }
  }

  /**
   * Waits for one turn of the event loop. A pod that the former policy has routed to a runtime is
   * then started there, before the runtime accepts no more pods.
   */
  private void awaitEventLoop() throws InterruptedException {
    CountDownLatch turn = new CountDownLatch(1);
    Cancellable unused = scheduler.schedule(Duration.ZERO, turn::countDown);
    turn.await();
  }

  private void change(Connected next) {
    BackendConfig config = next.config();
    BackendName name = config.name();
    if (kept.contains(name)) {
      changes.add("backend " + name + " stays");
    }
    Set<String> keys = next.config().differences(requireNonNull(runtimes.find(name)).config());
    if (!keys.isEmpty()) {
      router.change(name, next.routed(), config.options());
      changes.add("backend " + name + ": " + String.join(", ", keys));
    }
    runtimes.put(next);
  }
}
