package io.crirouter.examples.criproxy.admin;

import io.crirouter.core.CallObserver;
import io.crirouter.core.CriRouter;
import io.crirouter.examples.criproxy.logging.CallLog;
import io.crirouter.examples.criproxy.service.Probes;
import io.crirouter.examples.criproxy.service.ProxyService;
import io.crirouter.examples.criproxy.service.ServicePart;
import io.crirouter.grpc.SocketServer;
import io.grpc.MethodDescriptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The server of {@link AdminRpcs} for operators. Its calls run on two threads of their own, which
 * end when they are idle.
 */
public final class AdminSocket implements ServicePart {
  private static final System.Logger LOG = System.getLogger("io.crirouter.criproxy");
  private static final int THREADS = 2;
  private static final int IDLE_SECONDS = 5;

  private final ThreadPoolExecutor executor =
      new ThreadPoolExecutor(
          THREADS,
          THREADS,
          IDLE_SECONDS,
          TimeUnit.SECONDS,
          new LinkedBlockingQueue<>(),
          AdminSocket::thread);
  private final FailureCounts failures = new FailureCounts();
  private final Traces traces = new Traces();
  private final Instant startedAt = Instant.now();
  private final String version;
  private final boolean takeOver;
  private final List<Consumer<ServerServiceDefinition.Builder>> rpcs = new ArrayList<>();
  private @Nullable SocketServer server;

  /**
   * Creates the admin socket of a proxy that is about to start.
   *
   * @param version the version of the proxy
   * @param takeOver whether to take the socket from another proxy that listens on it
   */
  public AdminSocket(String version, boolean takeOver) {
    this.version = version;
    this.takeOver = takeOver;
    executor.allowCoreThreadTimeOut(true);
  }

  private static Thread thread(Runnable task) {
    Thread thread = new Thread(task, "criproxy-admin");
    thread.setDaemon(true);
    return thread;
  }

  /**
   * Adds a unary rpc, before the proxy starts.
   *
   * @param function handles the rpc; may block. A {@link io.grpc.StatusRuntimeException} ends the
   *     call with that status, any other exception with UNKNOWN.
   */
  public <Q, R> void serve(MethodDescriptor<Q, R> rpc, Function<Q, R> function) {
    rpcs.add(
        service ->
            service.addMethod(
                rpc,
                ServerCalls.asyncUnaryCall(
                    (request, response) -> answer(function, request, response))));
  }

  private static <Q, R> void answer(
      Function<Q, R> function, Q request, StreamObserver<R> response) {
    try {
      response.onNext(function.apply(request));
      response.onCompleted();
    } catch (StatusRuntimeException e) {
      response.onError(e);
    }
  }

  private void follow(TraceQuery query, StreamObserver<TraceEntry> response, CriRouter router) {
    try {
      traces.follow(query, (ServerCallStreamObserver<TraceEntry>) response, router, executor);
    } catch (StatusRuntimeException e) {
      response.onError(e);
    }
  }

  /**
   * Adds a bidirectional streaming rpc, before the proxy starts.
   *
   * @param open takes the observer of the responses, returns that of the requests
   */
  public <Q, R> void serveStream(
      MethodDescriptor<Q, R> rpc, Function<StreamObserver<R>, StreamObserver<Q>> open) {
    rpcs.add(service -> service.addMethod(rpc, ServerCalls.asyncBidiStreamingCall(open::apply)));
  }

  @Override
  public void configure(CriRouter.Builder router) {
    router.observer(
        CallObserver.whenEnded(
            call -> {
              CallLog.log(call);
              failures.record(call);
              traces.record(call);
            }));
  }

  @Override
  public void start(ProxyService proxy) throws IOException {
    if (proxy.config().adminSocket().isEmpty()) {
      return;
    }
    KnownPods pods = new KnownPods(proxy.router());
    serve(AdminRpcs.STATUS, request -> status(proxy));
    Probes probes = new Probes(proxy);
    serve(AdminRpcs.HEALTH, request -> HealthReport.of(probes));
    serve(AdminRpcs.OWNERS, pods::owners);
    serve(AdminRpcs.PODS, request -> pods.pods());
    serve(AdminRpcs.PLACEMENT, query -> Placements.report(proxy.router(), query));
    rpcs.add(
        service ->
            service.addMethod(
                AdminRpcs.TRACE,
                ServerCalls.asyncServerStreamingCall(
                    (query, response) -> follow(query, response, proxy.router()))));
    ServerServiceDefinition.Builder service = ServerServiceDefinition.builder(AdminRpcs.SERVICE);
    rpcs.forEach(rpc -> rpc.accept(service));
    Path path = proxy.config().adminSocket().get();
    server =
        SocketServer.builder()
            .socket(path)
            .takeOver(takeOver)
            .eventLoops(proxy.eventLoops())
            .executor(executor)
            .service(service.build())
            .start();
    LOG.log(System.Logger.Level.INFO, "admin socket at {0}", path);
  }

  private StatusReport status(ProxyService proxy) {
    return new StatusReporter(proxy, failures).report(version, startedAt);
  }

  @Override
  public void close() {
    if (server != null) {
      server.close();
    }
    executor.shutdown();
  }
}
