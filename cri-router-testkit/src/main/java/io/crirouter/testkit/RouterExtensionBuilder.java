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
  private Duration patience = Duration.ofSeconds(2);

  RouterExtensionBuilder() {}

  /** The primary, a fake without any content; to be named before all others. */
  @CanIgnoreReturnValue
  public RouterExtensionBuilder primary(String name) {
    return primary(name, runtime -> runtime);
  }

  /** The primary, a fake made by {@code runtime}. */
  @CanIgnoreReturnValue
  public RouterExtensionBuilder primary(String name, UnaryOperator<FakeRuntimeBuilder> runtime) {
    return addPrimary(name, fake(name, runtime));
  }

  /**
   * The primary, a runtime of the test's own; see {@link #secondary(String, RuntimeBackend)} for
   * what becomes of it.
   */
  @CanIgnoreReturnValue
  public RouterExtensionBuilder primary(String name, RuntimeBackend runtime) {
    return addPrimary(name, shared(name, runtime));
  }

  /**
   * The primary, a runtime of the test's own; see {@link #secondary(String, Supplier)} for what
   * becomes of it.
   */
  @CanIgnoreReturnValue
  public RouterExtensionBuilder primary(String name, Supplier<? extends RuntimeBackend> runtime) {
    return addPrimary(name, made(name, runtime));
  }

  /** One more runtime, a fake without any content. */
  @CanIgnoreReturnValue
  public RouterExtensionBuilder secondary(String name) {
    return secondary(name, runtime -> runtime);
  }

  /** One more runtime, a fake made by {@code runtime}. */
  @CanIgnoreReturnValue
  public RouterExtensionBuilder secondary(String name, UnaryOperator<FakeRuntimeBuilder> runtime) {
    return addSecondary(name, fake(name, runtime));
  }

  /**
   * One more runtime, of the test's own: it gets a socket, a journal and faults like a fake ({@link
   * RouterExtension#testRuntime}). It is the same in all tests and is never closed; of a {@link
   * TestRuntime} the journal and the faults are the same too.
   */
  @CanIgnoreReturnValue
  public RouterExtensionBuilder secondary(String name, RuntimeBackend runtime) {
    return addSecondary(name, shared(name, runtime));
  }

  /**
   * One more runtime, of the test's own, made anew whenever the router starts, and closed with it
   * if it is {@link AutoCloseable}. It gets a socket, a journal and faults like a fake ({@link
   * RouterExtension#testRuntime}).
   */
  @CanIgnoreReturnValue
  public RouterExtensionBuilder secondary(String name, Supplier<? extends RuntimeBackend> runtime) {
    return addSecondary(name, made(name, runtime));
  }

  private static RouterPlan.Source fake(String name, UnaryOperator<FakeRuntimeBuilder> runtime) {
    requireNonNull(runtime, "runtime");
    return closeAtEnd -> runtime.apply(FakeRuntime.named(name)).build();
  }

  private static RouterPlan.Source shared(String name, RuntimeBackend runtime) {
    requireNonNull(runtime, "runtime");
    return closeAtEnd -> asTestRuntime(name, runtime);
  }

  private static RouterPlan.Source made(String name, Supplier<? extends RuntimeBackend> runtime) {
    requireNonNull(runtime, "runtime");
    return closeAtEnd -> {
      RuntimeBackend made = runtime.get();
      if (made instanceof AutoCloseable closeable) {
        closeAtEnd.accept(closeable);
      }
      return asTestRuntime(name, made);
    };
  }

  private static TestRuntime asTestRuntime(String name, RuntimeBackend runtime) {
    return runtime instanceof TestRuntime ours ? ours : TestRuntime.around(name, runtime);
  }

  private RouterExtensionBuilder addPrimary(String name, RouterPlan.Source source) {
    if (!members.isEmpty()) {
      throw new IllegalStateException("the primary is named once, before all secondaries");
    }
    return add(name, source);
  }

  private RouterExtensionBuilder addSecondary(String name, RouterPlan.Source source) {
    if (members.isEmpty()) {
      throw new IllegalStateException("name the primary before runtime " + name);
    }
    return add(name, source);
  }

  private RouterExtensionBuilder add(String name, RouterPlan.Source source) {
    if (members.putIfAbsent(requireNonNull(name, "name"), source) != null) {
      throw new IllegalArgumentException("there is a runtime " + name + " already");
    }
    return this;
  }

  /** What the router is to know of the runtime called {@code name}: its id prefix, say. */
  @CanIgnoreReturnValue
  public RouterExtensionBuilder options(String name, BackendOptions value) {
    options.put(requireNonNull(name, "name"), requireNonNull(value, "value"));
    return this;
  }

  /**
   * What the runtime called {@code name} answers reaches the router in pieces, as through a {@link
   * SlowLink}; {@link RouterExtension#throttle} changes that during a test.
   *
   * @param bytes how much a piece has at most; 1 is byte by byte
   * @param pause the time after each piece, in real time
   */
  @CanIgnoreReturnValue
  public RouterExtensionBuilder throttled(String name, int bytes, Duration pause) {
    requireNonNull(pause, "pause");
    throttled.put(requireNonNull(name, "name"), link -> link.throttle(bytes, pause));
    return this;
  }

  /** The runtime called {@code name} is away until the test starts it. */
  @CanIgnoreReturnValue
  public RouterExtensionBuilder absent(String name) {
    absent.add(requireNonNull(name, "name"));
    return this;
  }

  /** Where new pods and images go; by default {@link RoutingPolicy#annotation()}. */
  @CanIgnoreReturnValue
  public RouterExtensionBuilder policy(RoutingPolicy policy) {
    requireNonNull(policy, "policy");
    return configure(router -> router.policy(policy));
  }

  /** How images are named; {@link ImageStrategy#prefixed()} by default. */
  @CanIgnoreReturnValue
  public RouterExtensionBuilder images(ImageStrategy strategy) {
    requireNonNull(strategy, "strategy");
    return configure(router -> router.images(strategy));
  }

  /** Anything else about the router; its runtimes and scheduler are set. */
  @CanIgnoreReturnValue
  public RouterExtensionBuilder configure(Consumer<CriRouter.Builder> more) {
    configuration = configuration.andThen(more);
    return this;
  }

  /** How long what is on its way out may take before it counts as leaked. */
  @CanIgnoreReturnValue
  RouterExtensionBuilder patience(Duration limit) {
    patience = requireNonNull(limit, "limit");
    return this;
  }

  /**
   * The extension.
   *
   * @throws IllegalStateException if there is no primary, or no runtime called as one that is
   *     absent, throttled or has options
   */
  public RouterExtension build() {
    return new RouterExtension(
        new RouterPlan(members, options, absent, throttled, configuration, patience));
  }
}
