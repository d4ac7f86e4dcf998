package io.crirouter.testkit.contract;

import io.crirouter.core.BackendName;
import io.crirouter.core.CriRouter;
import io.crirouter.core.IdStrategy;
import io.crirouter.core.RoutingPolicy;
import io.crirouter.grpc.CriServer;
import io.crirouter.grpc.EventLoops;
import io.crirouter.testkit.FakeRuntime;
import io.crirouter.testkit.router.OwnerLast;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.io.TempDir;

/**
 * A router in front of two fakes passes the contract that each of them passes: it is transparent
 * for the pods of both runtimes with each id strategy.
 */
class RouterContractTest {
  private static final BackendName PRIMARY = BackendName.of("containerd");
  private static final BackendName SECONDARY = BackendName.of("virtlet.cloud");

  /** Runs the suite with pods on one of the two runtimes. */
  abstract static class OnRouter extends RuntimeContract {
    private final IdStrategy ids;
    private final BackendName runtime;

    @TempDir private static Path folder;

    OnRouter(IdStrategy ids, BackendName runtime) {
      this.ids = ids;
      this.runtime = runtime;
    }

    private static FakeRuntime fake(BackendName name) {
      return FakeRuntime.named(name.value()).images("busybox").build();
    }

    @Override
    protected RuntimeUnderTest runtime() throws IOException {
      EventLoops loops = EventLoops.create();
      CriRouter router =
          CriRouter.builder()
              .scheduler(loops.scheduler())
              .ids(ids)
              .primary(PRIMARY, fake(PRIMARY))
              .secondary(SECONDARY, fake(SECONDARY))
              .build();
      router.firstContact().toCompletableFuture().join();
      Path socket = folder.resolve("router.sock");
      CriServer server = CriServer.builder(router).socket(socket).eventLoops(loops).start();
      return RuntimeUnderTest.at(socket, "busybox")
          .imageToRemove("alpine")
          .annotation(RoutingPolicy.TARGET_RUNTIME_ANNOTATION, runtime.value())
          .lacks(FakeRuntimeContractTest.LACKS)
          .closeAfterwards(
              () -> {
                server.close();
                router.close();
                loops.close();
              })
          .build();
    }
  }

  @Nested
  class PrimaryWithPrefixedIds extends OnRouter {
    PrimaryWithPrefixedIds() {
      super(IdStrategy.prefixed(), PRIMARY);
    }
  }

  @Nested
  class SecondaryWithPrefixedIds extends OnRouter {
    SecondaryWithPrefixedIds() {
      super(IdStrategy.prefixed(), SECONDARY);
    }
  }

  @Nested
  class PrimaryWithNativeIds extends OnRouter {
    PrimaryWithNativeIds() {
      super(IdStrategy.nativeIds(), PRIMARY);
    }
  }

  @Nested
  class SecondaryWithNativeIds extends OnRouter {
    SecondaryWithNativeIds() {
      super(IdStrategy.nativeIds(), SECONDARY);
    }
  }

  @Nested
  class SecondaryWithCustomIds extends OnRouter {
    SecondaryWithCustomIds() {
      super(new OwnerLast(), SECONDARY);
    }
  }
}
