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
 * A router with its runtimes and a client, connected by sockets in a temporary folder. Not
 * thread-safe.
 */
final class RunningRouter {
  private static final int IO_THREADS = 2;
  private static final String ROUTER_SOCKET = "router.sock";
  private static final String RUNTIMES = "runtimes";

  /** The place of calls from the client to the router. */
  private static final String CLIENT = "client";

  /** The reasons that the router gives for the condition of a runtime that it cannot reach. */
  private static final Set<String> UNREACHABLE_REASONS = Set.of("NeverSeen", "Lost");

  private final Path folder;
  private final Map<String, ServedRuntime> runtimes = new LinkedHashMap<>();

  /** The resources to close, the last one first. */
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

  /** Starts a router for {@code plan}. If that fails, everything is closed again. */
  static RunningRouter of(RouterPlan plan) throws IOException {
    Path folder = Files.createTempDirectory("cri-router-");
    Deque<AutoCloseable> open = new ArrayDeque<>();
    try {
      Files.createDirectory(folder.resolve(RUNTIMES));
      return new RunningRouter(plan, folder, open);
    } catch (IOException | RuntimeException e) {
      close(open, folder, new Leaks(plan.gracePeriod()));
      throw e;
    }
  }

  /** Starts all event loop threads now, so that none of them seems to be a leak of a test. */
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

  /** The calls at the router and at all runtimes. */
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
          "no runtime " + name + "; the runtimes are " + runtimes.keySet());
    }
    return runtime;
  }

  /** Waits until the router considers a runtime ready, or lost. */
  void await(String name, boolean ready) {
    boolean isPrimary = served(name) == runtimes.values().iterator().next();
    Predicate<String> isReady = isPrimary ? any -> primaryAnswers() : this::isReady;
    boolean reached = Leaks.await(Waiting.LIMIT, () -> isReady.test(name) == ready);
    if (!reached) {
      throw new AssertionError(
          String.format(
              "after %d s the router still considers runtime %s %s",
              Waiting.LIMIT.toSeconds(), name, ready ? "lost" : "ready"));
    }
  }

  /** Whether the primary answers Version, which goes to the primary only. */
  private boolean primaryAnswers() {
    try {
      return client.runtime().version(VersionRequest.getDefaultInstance()).isInitialized();
    } catch (StatusRuntimeException e) {
      return false;
    }
  }

  /** Whether the Status of the node reports a secondary as reachable. */
  private boolean isReady(String name) {
    return client
        .runtime()
        .status(StatusRequest.getDefaultInstance())
        .getStatus()
        .getConditionsList()
        .stream()
        .filter(condition -> condition.getType().equals(name + "/RuntimeReady"))
        .noneMatch(condition -> UNREACHABLE_REASONS.contains(condition.getReason()));
  }

  void start(String name) {
    ServedRuntime runtime = served(name);
    if (runtime.isServed()) {
      throw new IllegalStateException("runtime " + name + " runs already");
    }
    try {
      runtime.serve();
    } catch (IOException e) {
      throw new IllegalStateException("cannot start runtime " + name, e);
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
      throw new IllegalStateException("cannot stop runtime " + name, e);
    }
  }

  void throttle(String name, int bytes, Duration pause) {
    served(name).throttle(bytes, pause);
  }

  private static void close(CriServer server) {
    server.shutdown(Duration.ZERO);
    server.close();
  }

  /** Adds open calls to {@code leaks}. Resumes hung runtimes first, so that their calls can end. */
  void lookForCalls(Leaks leaks) {
    Map<String, OpenCalls> places = new LinkedHashMap<>();
    places.put("the router", atRouter);
    for (Map.Entry<String, ServedRuntime> entry : runtimes.entrySet()) {
      entry.getValue().runtime().resume();
      places.put("runtime " + entry.getKey(), entry.getValue().calls());
    }
    leaks.calls(places);
  }

  /** Closes everything, adds the files that are left to {@code leaks} and deletes the folder. */
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
