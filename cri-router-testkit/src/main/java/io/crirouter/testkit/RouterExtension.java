package io.crirouter.testkit;

import static java.util.Objects.requireNonNull;

import io.crirouter.core.BackendOptions;
import io.crirouter.core.CriRouter;
import io.crirouter.core.ImageStrategy;
import io.crirouter.core.RoutingPolicy;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Gives tests a router between {@link FakeRuntime}s, joined by real sockets in a temporary folder,
 * and fails a test that leaks.
 *
 * <pre>{@code
 * @RegisterExtension
 * final RouterExtension router =
 *     RouterExtension.builder()
 *         .primary("containerd")
 *         .secondary("virtlet.cloud", runtime -> runtime.images("cirros"))
 *         .build();
 *
 * @Test
 * void podsOfADeadRuntimeAreNotGone() {
 *   String pod = router.client().runtime().runPodSandbox(forVirtlet).getPodSandboxId();
 *   router.stop("virtlet.cloud");
 *   assertThatThrownBy(() -> status(pod)).hasMessageContaining("virtlet.cloud");
 *   router.start("virtlet.cloud");
 *   router.awaitReady("virtlet.cloud");
 *   assertThat(status(pod).getState()).isEqualTo(SANDBOX_READY);
 * }
 * }</pre>
 *
 * <p>In an instance field everything is new for each test. In a static field the router and the
 * runtimes live as long as the test class and keep their state from test to test, faults included;
 * only what hangs is resumed.
 *
 * <p>After each test no call may go on at the router or at a runtime, and there may be no thread of
 * cri-router that was not there before; when the router ends, no file may be left in its folder.
 * The failure names what leaked. Since threads belong to the whole JVM, such tests cannot run at
 * the same time as others that use cri-router.
 *
 * <p>To be used by one test at a time; {@link #client}, and the runtimes, from any thread.
 */
public final class RouterExtension
    implements BeforeAllCallback, BeforeEachCallback, AfterEachCallback, AfterAllCallback {
  private final RouterPlan plan;
  private @Nullable RunningRouter running;
  private Set<Thread> threadsBefore = Set.of();
  private Set<Thread> threadsWithRouter = Set.of();

  /** How many test classes, one inside the other, the router outlives. */
  private int classes;

  private RouterExtension(RouterPlan plan) {
    this.plan = plan;
  }

  /** A builder of an extension that has no runtimes yet. */
  public static Builder builder() {
    return new Builder();
  }

  @Override
  public void beforeAll(ExtensionContext context) throws IOException {
    if (classes++ == 0) {
      start();
    }
  }

  @Override
  public void beforeEach(ExtensionContext context) throws IOException {
    if (classes == 0) {
      start();
    }
  }

  @Override
  public void afterEach(ExtensionContext context) throws IOException {
    RunningRouter router = running;
    if (router == null) {
      return;
    }
    Leaks leaks = new Leaks(plan.patience());
    router.lookForCalls(leaks);
    if (classes == 0) {
      stop(router, leaks);
    } else {
      leaks.threadsBeyond(threadsWithRouter);
    }
    leaks.report();
  }

  @Override
  public void afterAll(ExtensionContext context) throws IOException {
    RunningRouter router = running;
    if (--classes == 0 && router != null) {
      Leaks leaks = new Leaks(plan.patience());
      stop(router, leaks);
      leaks.report();
    }
  }

  private void start() throws IOException {
    threadsBefore = Leaks.threads();
    running = RunningRouter.of(plan);
    threadsWithRouter = Leaks.threads();
  }

  private void stop(RunningRouter router, Leaks leaks) throws IOException {
    running = null;
    router.close(leaks);
    leaks.threadsBeyond(threadsBefore);
  }

  private RunningRouter running() {
    if (running == null) {
      throw new IllegalStateException("the router runs only during a test");
    }
    return running;
  }

  /** A client of the router, over its socket. The extension closes it. */
  public CriClient client() {
    return running().client();
  }

  /** The socket at which the router listens. */
  public Path socket() {
    return running().socket();
  }

  /**
   * The runtime called {@code name}.
   *
   * @throws IllegalArgumentException if there is none
   */
  public FakeRuntime runtime(String name) {
    return running().fake(name);
  }

  /**
   * The socket of the runtime called {@code name}, whether it listens or not.
   *
   * @throws IllegalArgumentException if there is none
   */
  public Path socket(String name) {
    return running().socket(name);
  }

  /**
   * Stops a runtime's server: the socket is gone, calls that go on end with UNAVAILABLE. What the
   * runtime holds stays, as containers outlive a restart of containerd. Returns when it has
   * stopped; the router notices a moment later: see {@link #awaitLost}.
   *
   * @throws IllegalArgumentException if there is no such runtime
   * @throws IllegalStateException if it is stopped already
   */
  public void stop(String name) {
    running().stop(name);
  }

  /**
   * Starts a runtime's server again, or that of an {@linkplain Builder#absent absent} one for the
   * first time. The router notices a moment later: see {@link #awaitReady}.
   *
   * @throws IllegalArgumentException if there is no such runtime
   * @throws IllegalStateException if it runs already
   */
  public void start(String name) {
    running().start(name);
  }

  /**
   * Waits until the router takes the runtime {@code name} for ready. While a secondary is waited
   * for, the primary must answer.
   *
   * @throws AssertionError if that takes longer than 10 s
   */
  public void awaitReady(String name) {
    running().await(name, true);
  }

  /**
   * Waits until the router takes the runtime {@code name} for lost. While a secondary is waited
   * for, the primary must answer.
   *
   * @throws AssertionError if that takes longer than 10 s
   */
  public void awaitLost(String name) {
    running().await(name, false);
  }

  @Override
  public String toString() {
    return "RouterExtension(" + (running == null ? "not running" : running) + ")";
  }

  /** Configures a {@link RouterExtension}. Not thread-safe. */
  public static final class Builder {
    private final List<RouterPlan.Member> members = new ArrayList<>();
    private final Set<String> absent = new HashSet<>();
    private Consumer<CriRouter.Builder> configuration = router -> {};
    private Duration patience = Duration.ofSeconds(2);

    private Builder() {}

    /** The primary, a fake without any content; to be named before all others. */
    public Builder primary(String name) {
      return primary(name, BackendOptions.DEFAULT, runtime -> runtime);
    }

    /** The primary, a fake made by {@code runtime}. */
    public Builder primary(String name, UnaryOperator<FakeRuntimeBuilder> runtime) {
      return primary(name, BackendOptions.DEFAULT, runtime);
    }

    /** The primary with options, a fake made by {@code runtime}. */
    public Builder primary(
        String name, BackendOptions options, UnaryOperator<FakeRuntimeBuilder> runtime) {
      if (!members.isEmpty()) {
        throw new IllegalStateException("the primary is named once, before all secondaries");
      }
      members.add(new RouterPlan.Member(name, options, runtime));
      return this;
    }

    /** One more runtime, a fake without any content. */
    public Builder secondary(String name) {
      return secondary(name, BackendOptions.DEFAULT, runtime -> runtime);
    }

    /** One more runtime, a fake made by {@code runtime}. */
    public Builder secondary(String name, UnaryOperator<FakeRuntimeBuilder> runtime) {
      return secondary(name, BackendOptions.DEFAULT, runtime);
    }

    /** One more runtime with options, a fake made by {@code runtime}. */
    public Builder secondary(
        String name, BackendOptions options, UnaryOperator<FakeRuntimeBuilder> runtime) {
      if (members.isEmpty()) {
        throw new IllegalStateException("name the primary before runtime " + name);
      }
      members.add(new RouterPlan.Member(name, options, runtime));
      return this;
    }

    /** The runtime called {@code name} is away until the test starts it. */
    public Builder absent(String name) {
      absent.add(requireNonNull(name, "name"));
      return this;
    }

    /** Where new pods and images go; by default {@link RoutingPolicy#annotation()}. */
    public Builder policy(RoutingPolicy policy) {
      requireNonNull(policy, "policy");
      return configure(router -> router.policy(policy));
    }

    /** How images are named; {@link ImageStrategy#NAME_PREFIX} by default. */
    public Builder images(ImageStrategy strategy) {
      requireNonNull(strategy, "strategy");
      return configure(router -> router.images(strategy));
    }

    /** Anything else about the router; its runtimes and scheduler are set. */
    public Builder configure(Consumer<CriRouter.Builder> more) {
      configuration = configuration.andThen(more);
      return this;
    }

    /** How long what is on its way out may take before it counts as leaked. */
    Builder patience(Duration limit) {
      patience = requireNonNull(limit, "limit");
      return this;
    }

    /**
     * The extension.
     *
     * @throws IllegalStateException if there is no primary, or no runtime called as an absent one
     */
    public RouterExtension build() {
      return new RouterExtension(new RouterPlan(members, absent, configuration, patience));
    }
  }
}
