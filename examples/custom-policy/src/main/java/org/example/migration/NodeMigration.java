package org.example.migration;

import static java.util.Objects.requireNonNull;

import com.google.common.util.concurrent.Uninterruptibles;
import io.crirouter.core.BackendName;
import io.crirouter.core.BackendState;
import io.crirouter.core.CriRouter;
import io.crirouter.core.IdStrategy;
import io.crirouter.core.ImageStrategy;
import io.crirouter.core.RpcException;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.StateStore;
import io.crirouter.grpc.CriServer;
import io.crirouter.grpc.EventLoops;
import io.crirouter.grpc.GrpcBackend;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Moves a node from one containerd to another without ending a pod. New pods run on the new
 * containerd, and those of the old one continue. When the old one has no pods left, it is removed
 * from the router and can be stopped.
 *
 * <p>The new containerd is the primary. Its ids are the same as without a router, so in the end the
 * kubelet can use its socket directly.
 *
 * @param old the socket of the old containerd
 * @param next the socket of the new containerd
 * @param socket the socket for the kubelet; the state file is beside it
 * @param waiting namespaces whose new pods still run on the old containerd, which is not removed
 *     while there are any
 * @param ids how the owners of ids are found
 * @param period the time between two attempts to remove the old containerd
 */
record NodeMigration(
    Path old, Path next, Path socket, Set<String> waiting, IdStrategy ids, Duration period) {
  static final BackendName OLD = BackendName.of("old");
  static final BackendName NEXT = BackendName.of("next");

  private static final System.Logger LOG = System.getLogger(NodeMigration.class.getName());

  NodeMigration {
    requireNonNull(old, "old");
    requireNonNull(next, "next");
    requireNonNull(socket, "socket");
    waiting = Set.copyOf(waiting);
    requireNonNull(ids, "ids");
    requireNonNull(period, "period");
  }

  /**
   * Serves CRI until the process is told to stop.
   *
   * @param args the sockets of the old containerd, of the new one and for the kubelet, then the
   *     waiting namespaces
   */
  public static void main(String[] args) throws IOException {
    if (args.length < 3) {
      throw new IllegalArgumentException("usage: OLD-SOCKET NEW-SOCKET SOCKET [NAMESPACE...]");
    }
    List<String> waiting = Arrays.asList(args).subList(3, args.length);
    Thread main = Thread.currentThread();
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  main.interrupt();
                  Uninterruptibles.joinUninterruptibly(main);
                }));
    try {
      new NodeMigration(
              Path.of(args[0]),
              Path.of(args[1]),
              Path.of(args[2]),
              Set.copyOf(waiting),
              new OwnerLast(),
              Duration.ofSeconds(10))
          .run();
    } catch (InterruptedException e) {
      LOG.log(System.Logger.Level.INFO, "stopped");
    }
  }

  /**
   * Serves CRI on the socket.
   *
   * @throws InterruptedException when the thread is interrupted, which ends the program
   */
  void run() throws IOException, InterruptedException {
    ExecutorService disk = Executors.newSingleThreadExecutor();
    try (EventLoops loops = EventLoops.create();
        GrpcBackend to = GrpcBackend.builder(next).eventLoops(loops).build();
        GrpcBackend from = GrpcBackend.builder(old).eventLoops(loops).build();
        CriRouter router =
            CriRouter.builder()
                .scheduler(loops.scheduler())
                .primary(NEXT, to)
                .secondary(OLD, from)
                .policy(new NamespacePolicy(OLD, waiting))
                .ids(ids)
                .images(ImageStrategy.shared())
                .stateStore(StateStore.file(Path.of(socket + ".state"), disk))
                .build()) {
      router.firstContact().toCompletableFuture().join();
      try (CriServer server = CriServer.builder(router).socket(socket).eventLoops(loops).start()) {
        removeWhenEmpty(router);
        LOG.log(
            System.Logger.Level.INFO,
            "all pods have moved: you can stop the containerd at {0}",
            old);
        Thread.sleep(Long.MAX_VALUE);
      }
    } finally {
      disk.shutdown();
    }
  }

  /** Removes the old containerd from the router when all its pods are gone. */
  private void removeWhenEmpty(CriRouter router) throws InterruptedException {
    do {
      Thread.sleep(period.toMillis());
    } while (!waiting.isEmpty() || !isReady(router) || !remove(router));
  }

  /** A containerd that the router has not reached yet may have pods unknown to the router. */
  private static boolean isReady(CriRouter router) {
    return router.backends().stream()
        .anyMatch(state -> state.name().equals(OLD) && state.phase() == BackendState.Phase.READY);
  }

  private static boolean remove(CriRouter router) {
    try {
      router.remove(OLD).toCompletableFuture().join();
      return true;
    } catch (CompletionException e) {
      if (e.getCause() instanceof RpcException refused
          && refused.status().code() == RpcStatus.Code.FAILED_PRECONDITION) {
        return false;
      }
      throw e;
    }
  }
}
