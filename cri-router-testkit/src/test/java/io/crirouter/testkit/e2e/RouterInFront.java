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

/**
 * A router between two containerd, on a socket of its own in their folder, and a client of it.
 * There may be several in front of the same two.
 */
final class RouterInFront implements AutoCloseable {
  private static final AtomicInteger COUNT = new AtomicInteger();

  private final Resources resources = new Resources();
  private final CriClient client;

  /**
   * How a router is to be made.
   *
   * @param policy where new pods go
   * @param secondaryOptions what it knows of the secondary
   * @param secondaryVersion the version of CRI to speak to it; it is asked for that if empty
   * @param ids whose ids clients see
   */
  record Setup(
      RoutingPolicy policy,
      BackendOptions secondaryOptions,
      Optional<ApiVersion> secondaryVersion,
      IdStrategy ids) {
    /** All defaults: pods choose by annotation. */
    static final Setup DEFAULT =
        new Setup(RoutingPolicy.annotation(), BackendOptions.DEFAULT, Optional.empty());

    /** With prefixed ids. */
    Setup(
        RoutingPolicy policy,
        BackendOptions secondaryOptions,
        Optional<ApiVersion> secondaryVersion) {
      this(policy, secondaryOptions, secondaryVersion, IdStrategy.prefixed());
    }

    Setup with(IdStrategy other) {
      return new Setup(policy, secondaryOptions, secondaryVersion, other);
    }
  }

  private RouterInFront(ContainerdPair runtimes, Setup setup) throws IOException {
    EventLoops loops = resources.keep(EventLoops.create());
    GrpcBackend primary =
        resources.keep(GrpcBackend.builder(runtimes.primary().socket()).eventLoops(loops).build());
    GrpcBackend.Builder secondary =
        GrpcBackend.builder(runtimes.special().socket()).eventLoops(loops);
    setup.secondaryVersion().ifPresent(secondary::apiVersion);
    CriRouter router =
        resources.keep(
            CriRouter.builder()
                .scheduler(loops.scheduler())
                .policy(setup.policy())
                .ids(setup.ids())
                .primary(Side.PRIMARY.backend(), primary)
                .secondary(
                    Side.SECONDARY.backend(),
                    resources.keep(secondary.build()),
                    setup.secondaryOptions())
                .build());
    router.firstContact().toCompletableFuture().join();
    Path socket = runtimes.run().path().resolve("router-" + COUNT.incrementAndGet() + ".sock");
    resources.keep(CriServer.builder(router).socket(socket).eventLoops(loops).start());
    client = resources.keep(CriClient.connect(socket));
  }

  /** Starts a router; it serves, and knows both runtimes, when this returns. */
  static RouterInFront of(ContainerdPair runtimes, Setup setup) {
    try {
      return new RouterInFront(runtimes, setup);
    } catch (IOException e) {
      throw new UncheckedIOException("the router does not start", e);
    }
  }

  CriClient client() {
    return client;
  }

  @Override
  public void close() {
    resources.close();
  }
}
