package io.crirouter.testkit.e2e;

import io.crirouter.core.BackendOptions;
import io.crirouter.core.CriRouter;
import io.crirouter.core.IdStrategy;
import io.crirouter.core.RoutingPolicy;
import io.crirouter.grpc.ApiVersion;
import io.crirouter.grpc.CriServer;
import io.crirouter.grpc.EventLoops;
import io.crirouter.grpc.GrpcBackend;
import io.crirouter.testkit.CriClient;
import io.crirouter.testkit.containerd.ContainerdPair;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;

/**
 * A router in front of two containerd, with its socket in their folder, and a client. Several
 * routers can be in front of the same pair.
 */
final class RouterInFront implements AutoCloseable {
  private static final AtomicInteger COUNT = new AtomicInteger();

  private final Resources resources = new Resources();
  private final CriClient client;
  private final Path socket;

  /**
   * The settings of a router.
   *
   * @param policy the routing policy
   * @param secondaryOptions the options of the secondary
   * @param secondaryVersion the CRI version for the secondary; negotiated if empty
   * @param rest further settings
   */
  record Setup(
      RoutingPolicy policy,
      BackendOptions secondaryOptions,
      Optional<ApiVersion> secondaryVersion,
      UnaryOperator<CriRouter.Builder> rest) {
    /** Default settings, with routing by annotation. */
    static final Setup DEFAULT =
        new Setup(RoutingPolicy.annotation(), BackendOptions.DEFAULT, Optional.empty());

    /** Without further settings. */
    Setup(
        RoutingPolicy policy,
        BackendOptions secondaryOptions,
        Optional<ApiVersion> secondaryVersion) {
      this(policy, secondaryOptions, secondaryVersion, builder -> builder);
    }

    Setup with(IdStrategy ids) {
      return with(builder -> builder.ids(ids));
    }

    Setup with(UnaryOperator<CriRouter.Builder> more) {
      return new Setup(
          policy, secondaryOptions, secondaryVersion, builder -> more.apply(rest.apply(builder)));
    }
  }

  /**
   * The sockets of a router.
   *
   * @param primary the socket of the primary
   * @param secondary the socket of the secondary
   * @param own the socket of the router
   */
  record Sockets(Path primary, Path secondary, Path own) {
    /** The sockets of two runtimes, and a new one in their folder. */
    static Sockets of(ContainerdPair runtimes) {
      return new Sockets(
          runtimes.primary().socket(),
          runtimes.special().socket(),
          runtimes.run().path().resolve("router-" + COUNT.incrementAndGet() + ".sock"));
    }
  }

  private RouterInFront(Sockets sockets, Setup setup) throws IOException {
    EventLoops loops = resources.keep(EventLoops.create());
    GrpcBackend primary =
        resources.keep(GrpcBackend.builder(sockets.primary()).eventLoops(loops).build());
    GrpcBackend.Builder secondary = GrpcBackend.builder(sockets.secondary()).eventLoops(loops);
    setup.secondaryVersion().ifPresent(secondary::apiVersion);
    CriRouter.Builder builder =
        CriRouter.builder()
            .scheduler(loops.scheduler())
            .policy(setup.policy())
            .primary(Side.PRIMARY.backend(), primary)
            .secondary(
                Side.SECONDARY.backend(),
                resources.keep(secondary.build()),
                setup.secondaryOptions());
    CriRouter router = resources.keep(setup.rest().apply(builder).build());
    router.firstContact().toCompletableFuture().join();
    resources.keep(CriServer.builder(router).socket(sockets.own()).eventLoops(loops).start());
    socket = sockets.own();
    client = resources.keep(CriClient.connect(socket));
  }

  /** Starts a router, and returns when it serves and has contacted the runtimes. */
  static RouterInFront of(ContainerdPair runtimes, Setup setup) {
    return between(Sockets.of(runtimes), setup);
  }

  /** As {@link #of}, for runtimes that are given by their sockets. */
  static RouterInFront between(Sockets sockets, Setup setup) {
    try {
      return new RouterInFront(sockets, setup);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start the router", e);
    }
  }

  CriClient client() {
    return client;
  }

  /** The socket of the router. */
  Path socket() {
    return socket;
  }

  @Override
  public void close() {
    resources.close();
  }
}
