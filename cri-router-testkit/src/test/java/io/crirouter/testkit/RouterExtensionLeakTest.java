package io.crirouter.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import io.crirouter.core.Cancellable;
import io.crirouter.core.TypedBackend;
import io.crirouter.grpc.CriServer;
import io.crirouter.grpc.EventLoops;
import io.crirouter.proto.v1.ContainerEventResponse;
import io.crirouter.proto.v1.GetEventsRequest;
import io.crirouter.proto.v1.RuntimeServiceGrpc;
import io.crirouter.proto.v1.StatusRequest;
import io.crirouter.proto.v1.VersionRequest;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.testkit.engine.EngineExecutionResults;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Event;

/** Runs test classes that leak or fail, and checks their failures. */
class RouterExtensionLeakTest {
  /** The leaked resource of a nested test class, closed after each test. */
  private static AutoCloseable leaked = () -> {};

  private static boolean running;

  @AfterEach
  void cleanUp() throws Exception {
    leaked.close();
    leaked = () -> {};
  }

  /** Marks a test class that fails on purpose. It runs only in {@link #run}. */
  @Retention(RetentionPolicy.RUNTIME)
  @Target(ElementType.TYPE)
  @EnabledIf("io.crirouter.testkit.RouterExtensionLeakTest#isRunning")
  private @interface Leaking {}

  static boolean isRunning() {
    return running;
  }

  private static EngineExecutionResults run(Class<?> tests) {
    running = true;
    try {
      return EngineTestKit.engine("junit-jupiter").selectors(selectClass(tests)).execute();
    } finally {
      running = false;
    }
  }

  private static String onlyFailure(Class<?> tests) {
    List<Event> failures = run(tests).testEvents().failed().list();
    assertThat(failures).hasSize(1);
    return failureOf(failures.get(0));
  }

  private static String failureOf(Event event) {
    return event
        .getRequiredPayload(TestExecutionResult.class)
        .getThrowable()
        .map(Throwable::getMessage)
        .orElse("");
  }

  private static RouterExtensionBuilder twoRuntimes() {
    return RouterExtension.builder().primary("containerd").secondary("virtlet.cloud");
  }

  /** For leaks that do not end: a long grace period would only take time. */
  private static RouterExtension withShortGracePeriod() {
    return twoRuntimes().gracePeriod(Duration.ofMillis(50)).build();
  }

  @Leaking
  static class Clean {
    @RegisterExtension final RouterExtension router = twoRuntimes().build();

    @Test
    void closesItsStream() {
      try (ResponseStream<ContainerEventResponse> events = router.client().events()) {
        assertThat(events.poll()).isEmpty();
      }
    }

    @Test
    void leavesARuntimeHung() {
      router.runtime("virtlet.cloud").hang();
      router.client().runtime().version(VersionRequest.getDefaultInstance());
    }

    @Test
    void leavesARuntimeStopped() {
      router.stop("containerd");
    }
  }

  @Test
  void aTestThatClosesItsResourcesPasses() {
    run(Clean.class).testEvents().assertStatistics(all -> all.succeeded(3).failed(0));
  }

  @Leaking
  static class WithOpenStream {
    @RegisterExtension final RouterExtension router = withShortGracePeriod();

    @Test
    void leavesAStreamOpen() {
      ResponseStream<ContainerEventResponse> events = router.client().events();
      router.runtime("virtlet.cloud").journal().takeCall("GetContainerEvents");
      leaked = events;
    }
  }

  @Test
  void anOpenCallIsReportedWithItsPlaces() {
    assertThat(onlyFailure(WithOpenStream.class))
        .contains(
            "call GetContainerEvents open at the router",
            "call GetContainerEvents open at runtime containerd",
            "call GetContainerEvents open at runtime virtlet.cloud");
  }

  @Leaking
  static class WithThread {
    @RegisterExtension final RouterExtension router = withShortGracePeriod();

    @Test
    void leavesAThread() throws InterruptedException {
      EventLoops loops = EventLoops.create(1);
      leaked = loops;
      CountDownLatch ran = new CountDownLatch(1);
      Cancellable unused = loops.scheduler().schedule(Duration.ZERO, ran::countDown);
      ran.await();
    }
  }

  @Test
  void aLeakedThreadIsReported() {
    assertThat(onlyFailure(WithThread.class)).contains("thread cri-router-io-");
  }

  @Leaking
  static class WithSocket {
    @RegisterExtension final RouterExtension router = withShortGracePeriod();

    @Test
    void leavesASocket() throws Exception {
      Path socket = router.socket().resolveSibling("leaked.sock");
      leaked = CriServer.builder(TypedBackend.builder().direct().build()).socket(socket).start();
    }
  }

  @Test
  void aLeakedSocketIsReported() {
    assertThat(onlyFailure(WithSocket.class)).contains("leaked.sock");
  }

  @Leaking
  @TestMethodOrder(MethodOrderer.OrderAnnotation.class)
  static class Shared {
    @RegisterExtension
    static final RouterExtension ROUTER = twoRuntimes().gracePeriod(Duration.ofMillis(500)).build();

    static Path socket;

    @Test
    @Order(1)
    void leavesACall() {
      socket = ROUTER.socket();
      leaked =
          ROUTER.client().stream(
              RuntimeServiceGrpc.getGetContainerEventsMethod(),
              GetEventsRequest.getDefaultInstance());
      ROUTER.runtime("containerd").journal().takeCall("GetContainerEvents");
    }

    @Test
    @Order(2)
    void doesNotFail() {
      assertThat(ROUTER.socket()).as("the same router as before").isEqualTo(socket);
    }

    @Nested
    class Inner {
      @Test
      void usesTheSameRouter() {
        assertThat(ROUTER.socket()).isEqualTo(socket);
        assertThat(socket).exists();
      }
    }
  }

  @Test
  void aStaticExtensionKeepsItsRouterAndFailsTheTestThatLeaked() {
    EngineExecutionResults results = run(Shared.class);

    results.testEvents().assertStatistics(all -> all.succeeded(2).failed(1));
    assertThat(results.testEvents().failed().list())
        .allSatisfy(event -> assertThat(failureOf(event)).contains("GetContainerEvents"))
        .allSatisfy(
            event ->
                assertThat(event.getTestDescriptor().getDisplayName()).contains("leavesACall"));
    results.containerEvents().assertStatistics(all -> all.failed(0));
    assertThat(Files.exists(Shared.socket.getParent())).as("its folder").isFalse();
  }

  @Leaking
  static class Failing {
    @RegisterExtension final RouterExtension router = twoRuntimes().build();

    @Test
    void fails(CriClient client) {
      client.runtime().status(StatusRequest.getDefaultInstance());
      throw new AssertionError("on purpose");
    }

    @Test
    void passes(CriClient client) {
      client.runtime().version(VersionRequest.getDefaultInstance());
    }
  }

  @Test
  void theCallsOfAFailedTestArePrinted() {
    String printed = printedBy(Failing.class);

    assertThat(printed)
        .containsOnlyOnce("The calls of the failed test")
        .contains("fails(CriClient)")
        .containsPattern("(?s)client +Status -> OK.*containerd +Status -> OK")
        .doesNotContain("client         Version");
  }

  private static String printedBy(Class<?> tests) {
    PrintStream before = System.err;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    System.setErr(new PrintStream(printed, true, StandardCharsets.UTF_8));
    try {
      run(tests).testEvents().assertStatistics(all -> all.succeeded(1).failed(1));
    } finally {
      System.setErr(before);
    }
    return printed.toString(StandardCharsets.UTF_8);
  }

  @Leaking
  static class WithNamelessParameter {
    @RegisterExtension final RouterExtension router = twoRuntimes().build();

    @Test
    void asksForARuntime(FakeRuntime runtime) {
      assertThat(runtime).isNotNull();
    }
  }

  @Test
  void theFailureOfAParameterWithoutANameListsTheNames() {
    assertThat(onlyFailure(WithNamelessParameter.class))
        .contains("@RuntimeName", "containerd", "virtlet.cloud");
  }
}
