package io.crirouter.testkit;

import io.crirouter.core.CriRouter;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.TestWatcher;

/**
 * A JUnit extension that runs a router in front of {@link FakeRuntime}s and other runtimes, over
 * UNIX sockets in a temporary folder, and fails a test that leaks.
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
 * <p>Tests may also have parameters: a {@link CriClient}, the {@link CriRouter}, a {@link
 * FakeRuntime}, {@link TestRuntime} or {@link CallJournal} with {@link RuntimeName}, and without it
 * the {@link CallJournal} of all calls ({@link #timeline}).
 *
 * <p>In an instance field the router and the runtimes are new for each test. In a static field they
 * live as long as the test class and keep their state from test to test, faults included; only hung
 * runtimes are resumed.
 *
 * <p>After each test no call may be open at the router or at a runtime, and there may be no thread
 * of cri-router that did not exist before the test. When the router is closed, its folder must be
 * empty. The failure names what leaked. Threads belong to the whole JVM, so such tests cannot run
 * in parallel with others that use cri-router.
 *
 * <p>One test at a time may use an extension. {@link #client} and the runtimes may be used from any
 * thread.
 */
public final class RouterExtension
    implements BeforeAllCallback,
        BeforeEachCallback,
        AfterEachCallback,
        AfterAllCallback,
        ParameterResolver,
        TestWatcher {
  private final RouterPlan plan;
  private @Nullable RunningRouter running;
  private Set<Thread> threadsBefore = Set.of();
  private Set<Thread> threadsWithRouter = Set.of();

  private String timelineOfLastTest = "no calls";

  /** The number of (nested) test classes that share the router; 0 if it is new for each test. */
  private int classes;

  RouterExtension(RouterPlan plan) {
    this.plan = plan;
  }

  /** A builder of an extension that has no runtimes yet. */
  public static RouterExtensionBuilder builder() {
    return new RouterExtensionBuilder();
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
    running().timeline().clear();
  }

  @Override
  public void afterEach(ExtensionContext context) throws IOException {
    RunningRouter router = running;
    if (router == null) {
      return;
    }
    timelineOfLastTest = router.timeline().timeline();
    Leaks leaks = new Leaks(plan.gracePeriod());
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
      Leaks leaks = new Leaks(plan.gracePeriod());
      stop(router, leaks);
      leaks.report();
    }
  }

  /** Prints the timeline of the calls. */
  @Override
  public void testFailed(ExtensionContext context, @Nullable Throwable cause) {
    System.err.printf(
        "The calls of the failed test %s:%n%s%n", context.getDisplayName(), timelineOfLastTest);
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return RouterParameters.supports(parameter);
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return RouterParameters.resolve(parameter, running());
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

  /** The router itself. */
  public CriRouter router() {
    return running().router();
  }

  /**
   * The calls of the current test at the router and at the runtimes, in order of arrival: see
   * {@link RecordedCall#place}. Printed if the test fails.
   */
  public CallJournal timeline() {
    return running().timeline();
  }

  /**
   * The fake called {@code name}.
   *
   * @throws IllegalArgumentException if there is none, or if it is not a {@link FakeRuntime}
   */
  public FakeRuntime runtime(String name) {
    if (testRuntime(name) instanceof FakeRuntime fake) {
      return fake;
    }
    throw new IllegalArgumentException(
        "runtime " + name + " is not a FakeRuntime: use testRuntime");
  }

  /**
   * The runtime called {@code name}, a fake or not, with its journal and its faults.
   *
   * @throws IllegalArgumentException if there is none
   */
  public TestRuntime testRuntime(String name) {
    return running().runtime(name);
  }

  /**
   * The socket path of the runtime called {@code name}, whether its server runs or not.
   *
   * @throws IllegalArgumentException if there is none
   */
  public Path socket(String name) {
    return running().socket(name);
  }

  /**
   * Stops the server of a runtime: the socket is removed and open calls end with UNAVAILABLE. The
   * runtime keeps its state, as containers outlive a restart of containerd. Returns when the server
   * has stopped. The router notices later: see {@link #awaitLost}.
   *
   * @throws IllegalArgumentException if there is no such runtime
   * @throws IllegalStateException if it is stopped already
   */
  public void stop(String name) {
    running().stop(name);
  }

  /**
   * Starts the server of a runtime that was stopped or was {@linkplain
   * RouterExtensionBuilder#absent absent} from the start. The router notices later: see {@link
   * #awaitReady}.
   *
   * @throws IllegalArgumentException if there is no such runtime
   * @throws IllegalStateException if it runs already
   */
  public void start(String name) {
    running().start(name);
  }

  /**
   * Waits until the router considers the runtime {@code name} ready. To wait for a secondary, the
   * primary must be ready.
   *
   * @throws AssertionError if that takes longer than 10 s
   */
  public void awaitReady(String name) {
    running().await(name, true);
  }

  /**
   * Waits until the router considers the runtime {@code name} lost. To wait for a secondary, the
   * primary must be ready.
   *
   * @throws AssertionError if that takes longer than 10 s
   */
  public void awaitLost(String name) {
    running().await(name, false);
  }

  /**
   * Changes how the responses of a runtime are split into pieces.
   *
   * @param name of a runtime that was {@linkplain RouterExtensionBuilder#throttled throttled} from
   *     the start
   * @param bytes the maximum size of a piece
   * @param pause the time after each piece, in real time
   * @throws IllegalStateException if it was not throttled from the start, or if it is stopped
   */
  public void throttle(String name, int bytes, Duration pause) {
    running().throttle(name, bytes, pause);
  }

  @Override
  public String toString() {
    return "RouterExtension(" + (running == null ? "not running" : running) + ")";
  }
}
