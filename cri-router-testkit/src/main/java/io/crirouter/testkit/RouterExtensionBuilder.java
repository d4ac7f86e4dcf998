package io.crirouter.testkit;

import static java.util.Objects.requireNonNull;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.crirouter.core.BackendOptions;
import io.crirouter.core.CriRouter;
import io.crirouter.core.ImageStrategy;
import io.crirouter.core.RoutingPolicy;
import io.crirouter.core.RuntimeBackend;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/** Configures a {@link RouterExtension}. Not thread-safe. */
public final class RouterExtensionBuilder {
  private final Map<String, RouterPlan.Source> members = new LinkedHashMap<>();
  private final Map<String, BackendOptions> options = new HashMap<>();
  private final Set<String> absent = new HashSet<>();
  private final Map<String, Consumer<SlowLink>> throttled = new HashMap<>();
  private Consumer<CriRouter.Builder> configuration = router -> {};
  private Duration gracePeriod = Duration.ofSeconds(2);

  RouterExtensionBuilder() {}

  /** The primary, an empty fake. Must be added before the secondaries. */
  @CanIgnoreReturnValue
  public RouterExtensionBuilder primary(String name) {
    return primary(name, runtime -> runtime);
  }

  /** The primary, a fake configured by {@code runtime}. */
  @CanIgnoreReturnValue
  public RouterExtensionBuilder primary(String name, UnaryOperator<FakeRuntimeBuilder> runtime) {
    return addPrimary(name, fake(name, runtime));
  }

  /** The primary, any backend; used and owned as in {@link #secondary(String, RuntimeBackend)}. */
  @CanIgnoreReturnValue
  public RouterExtensionBuilder primary(String name, RuntimeBackend runtime) {
    return addPrimary(name, shared(name, runtime));
  }

  /** The primary, any backend; created and closed as in {@link #secondary(String, Supplier)}. */
  @CanIgnoreReturnValue
  public RouterExtensionBuilder primary(String name, Supplier<? extends RuntimeBackend> runtime) {
    return addPrimary(name, created(name, runtime));
  }

  /** Adds a secondary, an empty fake. */
  @CanIgnoreReturnValue
  public RouterExtensionBuilder secondary(String name) {
    return secondary(name, runtime -> runtime);
  }

  /** Adds a secondary, a fake configured by {@code runtime}. */
  @CanIgnoreReturnValue
  public RouterExtensionBuilder secondary(String name, UnaryOperator<FakeRuntimeBuilder> runtime) {
    return addSecondary(name, fake(name, runtime));
  }

  /**
   * Adds a secondary, any backend. It gets a socket, a journal and faults like a fake ({@link
   * RouterExtension#testRuntime}). All tests share it, and the caller owns it: the extension does
   * not close it. A {@link TestRuntime} keeps its own journal and faults.
   */
  @CanIgnoreReturnValue
  public RouterExtensionBuilder secondary(String name, RuntimeBackend runtime) {
    return addSecondary(name, shared(name, runtime));
  }

  /**
   * Adds a secondary, any backend, created whenever the router starts and closed with it if it is
   * {@link AutoCloseable}. It gets a socket, a journal and faults like a fake ({@link
   * RouterExtension#testRuntime}).
   */
  @CanIgnoreReturnValue
  public RouterExtensionBuilder secondary(String name, Supplier<? extends RuntimeBackend> runtime) {
    return addSecondary(name, created(name, runtime));
  }

  private static RouterPlan.Source fake(String name, UnaryOperator<FakeRuntimeBuilder> runtime) {
    requireNonNull(runtime, "runtime");
    return closeAtEnd -> runtime.apply(FakeRuntime.named(name)).build();
  }

  private static RouterPlan.Source shared(String name, RuntimeBackend runtime) {
    requireNonNull(runtime, "runtime");
    return closeAtEnd -> asTestRuntime(name, runtime);
  }

  private static RouterPlan.Source created(
      String name, Supplier<? extends RuntimeBackend> runtime) {
    requireNonNull(runtime, "runtime");
    return closeAtEnd -> {
      RuntimeBackend created = runtime.get();
      if (created instanceof AutoCloseable closeable) {
        closeAtEnd.accept(closeable);
      }
      return asTestRuntime(name, created);
    };
  }

  private static TestRuntime asTestRuntime(String name, RuntimeBackend runtime) {
    return runtime instanceof TestRuntime testRuntime
        ? testRuntime
        : TestRuntime.around(name, runtime);
  }

  private RouterExtensionBuilder addPrimary(String name, RouterPlan.Source source) {
    if (!members.isEmpty()) {
      throw new IllegalStateException("add the primary once, before all secondaries");
    }
    return add(name, source);
  }

  private RouterExtensionBuilder addSecondary(String name, RouterPlan.Source source) {
    if (members.isEmpty()) {
      throw new IllegalStateException("add the primary before runtime " + name);
    }
    return add(name, source);
  }

  private RouterExtensionBuilder add(String name, RouterPlan.Source source) {
    if (members.putIfAbsent(requireNonNull(name, "name"), source) != null) {
      throw new IllegalArgumentException("there is a runtime " + name + " already");
    }
    return this;
  }

  /** The options of the runtime called {@code name}, for example its id prefix. */
  @CanIgnoreReturnValue
  public RouterExtensionBuilder options(String name, BackendOptions value) {
    options.put(requireNonNull(name, "name"), requireNonNull(value, "value"));
    return this;
  }

  /**
   * Splits the responses of the runtime called {@code name} into pieces, with a {@link SlowLink};
   * {@link RouterExtension#throttle} changes that during a test.
   *
   * @param bytes the maximum size of a piece
   * @param pause the time after each piece, in real time
   */
  @CanIgnoreReturnValue
  public RouterExtensionBuilder throttled(String name, int bytes, Duration pause) {
    requireNonNull(pause, "pause");
    throttled.put(requireNonNull(name, "name"), link -> link.throttle(bytes, pause));
    return this;
  }

  /** The server of the runtime called {@code name} does not run until the test starts it. */
  @CanIgnoreReturnValue
  public RouterExtensionBuilder absent(String name) {
    absent.add(requireNonNull(name, "name"));
    return this;
  }

  /** The policy that routes new pods and images; by default {@link RoutingPolicy#annotation()}. */
  @CanIgnoreReturnValue
  public RouterExtensionBuilder policy(RoutingPolicy policy) {
    requireNonNull(policy, "policy");
    return configure(router -> router.policy(policy));
  }

  /** The image strategy; by default {@link ImageStrategy#prefixed()}. */
  @CanIgnoreReturnValue
  public RouterExtensionBuilder images(ImageStrategy strategy) {
    requireNonNull(strategy, "strategy");
    return configure(router -> router.images(strategy));
  }

  /** Configures the router further. Its runtimes and scheduler are set by the extension. */
  @CanIgnoreReturnValue
  public RouterExtensionBuilder configure(Consumer<CriRouter.Builder> more) {
    configuration = configuration.andThen(more);
    return this;
  }

  /** How long threads and calls may take to end before they count as leaked. */
  @CanIgnoreReturnValue
  RouterExtensionBuilder gracePeriod(Duration limit) {
    gracePeriod = requireNonNull(limit, "limit");
    return this;
  }

  /**
   * Builds the extension.
   *
   * @throws IllegalStateException if there is no primary, or if a runtime that is absent, throttled
   *     or has options was not added
   */
  public RouterExtension build() {
    return new RouterExtension(
        new RouterPlan(members, options, absent, throttled, configuration, gracePeriod));
  }
}
