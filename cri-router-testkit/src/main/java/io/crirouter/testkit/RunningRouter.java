package io.crirouter.testkit;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.crirouter.core.BackendName;
import io.crirouter.core.Cancellable;
import io.crirouter.core.CriRouter;
import io.crirouter.grpc.CriServer;
import io.crirouter.grpc.EventLoops;
import io.crirouter.grpc.GrpcBackend;
import io.crirouter.proto.v1.StatusRequest;
import io.crirouter.proto.v1.VersionRequest;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * A router, the runtimes behind it and a client before it, all joined by sockets in a temporary
 * folder. To be used by one thread.
 */
final class RunningRouter {
  private static final int IO_THREADS = 2;
  private static final String ROUTER_SOCKET = "router.sock";
  private static final String RUNTIMES = "runtimes";

  /** The place of calls that the router gets. */
  private static final String CLIENT = "client";

  /** The reasons for a condition that are the router's own. */
  private static final Set<String> AWAY = Set.of("NeverSeen", "Lost");

  private final Path folder;
  private final Map<String, ServedRuntime> runtimes = new LinkedHashMap<>();

  /** What is to be closed, the last thing first. */
  private final Deque<AutoCloseable> open;

  private final EventLoops loops;
  private final CallJournal timeline = new CallJournal("the router and its runtimes");
  private final CriRouter router;
  private final OpenCalls atRouter;
  private final CriClient client;

  private RunningRouter(RouterPlan plan, Path folder, Deque<AutoCloseable> open)
      throws IOException {
    this.folder = folder;
    this.open = open;
    loops = keep(EventLoops.create(IO_THREADS));
    awaitThreads();
    router = keep(router(plan));
    router.firstContact().toCompletableFuture().join();
    atRouter = new OpenCalls(timeline.recording(CLIENT, router));
    CriServer server = CriServer.builder(atRouter).socket(socket()).eventLoops(loops).start();
    keep(() -> close(server));
    client = keep(CriClient.connect(socket()));
  }

  /** Starts everything that {@code plan} asks for; if that fails, nothing is left. */
  static RunningRouter of(RouterPlan plan) throws IOException {
    Path folder = Files.createTempDirectory("cri-router-");
    Deque<AutoCloseable> open = new ArrayDeque<>();
    try {
      Files.createDirectory(folder.resolve(RUNTIMES));
      return new RunningRouter(plan, folder, open);
    } catch (IOException | RuntimeException e) {
      close(open, folder, new Leaks(plan.patience()));
      throw e;
    }
  }

  /** Threads start with their first task: so that none seems to be a test's, all get one now. */
  private void awaitThreads() throws IOException {
    CountDownLatch started = new CountDownLatch(IO_THREADS);
    for (int i = 0; i < IO_THREADS; i++) {
      Cancellable unused = loops.scheduler().schedule(Duration.ZERO, started::countDown);
    }
    try {
      boolean unused = started.await(1, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private CriRouter router(RouterPlan plan) throws IOException {
    CriRouter.Builder builder = CriRouter.builder().scheduler(loops.scheduler());
    for (Map.Entry<String, RouterPlan.Source> member : plan.members().entrySet()) {
      String name = member.getKey();
      boolean isPrimary = runtimes.isEmpty();
      ServedRuntime runtime = serve(name, member.getValue(), plan);
      GrpcBackend backend = keep(GrpcBackend.builder(runtime.socket()).eventLoops(loops).build());
      if (isPrimary) {
        builder.primary(BackendName.of(name), backend, plan.optionsOf(name));
      } else {
        builder.secondary(BackendName.of(name), backend, plan.optionsOf(name));
      }
    }
    plan.configuration().accept(builder);
    return builder.build();
  }

  private ServedRuntime serve(String name, RouterPlan.Source source, RouterPlan plan)
      throws IOException {
    ServedRuntime runtime =
        new ServedRuntime(
            name,
            source.make(this::keep),
            timeline,
            folder.resolve(RUNTIMES).resolve(name + ".sock"),
            loops,
            plan.throttled().get(name));
    runtimes.put(name, runtime);
    keep(runtime::stop);
    if (!plan.absent().contains(name)) {
      runtime.serve();
    }
    return runtime;
  }

  @CanIgnoreReturnValue
  private <T extends AutoCloseable> T keep(T resource) {
    open.push(resource);
    return resource;
  }

  Path socket() {
    return folder.resolve(ROUTER_SOCKET);
  }

  CriClient client() {
    return client;
  }

  CriRouter router() {
    return router;
  }

  /** The calls of the client and those at all runtimes. */
  CallJournal timeline() {
    return timeline;
  }

  Set<String> names() {
    return runtimes.keySet();
  }

  TestRuntime runtime(String name) {
    return served(name).runtime();
  }

  Path socket(String name) {
    return served(name).socket();
  }

  private ServedRuntime served(String name) {
    ServedRuntime runtime = runtimes.get(name);
    if (runtime == null) {
      throw new IllegalArgumentException(
          "no runtime " + name + " behind this router, only " + runtimes.keySet());
    }
    return runtime;
  }

  /** Waits until the router takes a runtime for ready, or does not. */
  void await(String name, boolean ready) {
    boolean isPrimary = served(name) == runtimes.values().iterator().next();
    Predicate<String> isReady = isPrimary ? any -> primaryAnswers() : this::isReady;
    boolean reached = Leaks.await(Waiting.LIMIT, () -> isReady.test(name) == ready);
    if (!reached) {
      throw new AssertionError(
          String.format(
              "after %d s the router still takes runtime %s for %s",
              Waiting.LIMIT.toSeconds(), name, ready ? "lost" : "ready"));
    }
  }

  /** Whether the primary answers what it alone is asked. */
  private boolean primaryAnswers() {
    try {
      return client.runtime().version(VersionRequest.getDefaultInstance()).isInitialized();
    } catch (StatusRuntimeException e) {
      return false;
    }
  }

  /** What the node's Status says of a secondary. */
  private boolean isReady(String name) {
    return client
        .runtime()
        .status(StatusRequest.getDefaultInstance())
        .getStatus()
        .getConditionsList()
        .stream()
        .filter(condition -> condition.getType().equals(name + "/RuntimeReady"))
        .noneMatch(condition -> AWAY.contains(condition.getReason()));
  }

  void start(String name) {
    ServedRuntime runtime = served(name);
    if (runtime.isServed()) {
      throw new IllegalStateException("runtime " + name + " runs already");
    }
    try {
      runtime.serve();
    } catch (IOException e) {
      throw new IllegalStateException("runtime " + name + " does not start", e);
    }
  }

  void stop(String name) {
    ServedRuntime runtime = served(name);
    if (!runtime.isServed()) {
      throw new IllegalStateException("runtime " + name + " is stopped already");
    }
    try {
      runtime.stop();
    } catch (IOException e) {
      throw new IllegalStateException("runtime " + name + " does not stop", e);
    }
  }

  void throttle(String name, int bytes, Duration pause) {
    served(name).throttle(bytes, pause);
  }

  private static void close(CriServer server) {
    server.shutdown(Duration.ZERO);
    server.close();
  }

  /** Looks for calls that go on although every runtime answers: one that hangs is resumed. */
  void lookForCalls(Leaks leaks) {
    Map<String, OpenCalls> places = new LinkedHashMap<>();
    places.put("the router", atRouter);
    for (Map.Entry<String, ServedRuntime> entry : runtimes.entrySet()) {
      entry.getValue().runtime().resume();
      places.put("runtime " + entry.getKey(), entry.getValue().calls());
    }
    leaks.calls(places);
  }

  /** Ends all of it and looks what is left in the folder, which is deleted. */
  void close(Leaks leaks) throws IOException {
    close(open, folder, leaks);
  }

  private static void close(Deque<AutoCloseable> open, Path folder, Leaks leaks)
      throws IOException {
    open.forEach(leaks::close);
    leaks.filesIn(folder);
  }

  @Override
  public String toString() {
    return "router between " + runtimes.keySet() + " in " + folder;
  }
}
