package io.crirouter.testkit.e2e;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.crirouter.core.IdStrategy;
import io.crirouter.testkit.containerd.ContainerdEnvironment;
import io.crirouter.testkit.containerd.ContainerdLine;
import io.crirouter.testkit.containerd.TestImage;
import io.crirouter.testkit.containerd.TestRegistry;
import io.crirouter.testkit.contract.Feature;
import io.crirouter.testkit.contract.RuntimeContract;
import io.crirouter.testkit.contract.RuntimeUnderTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * Real containerd passes the runtime contract, and so does a router in front of it for pods of both
 * runtimes and with each id strategy: it is transparent.
 */
class RuntimeContractE2eTest {
  /** The target of the contract. */
  enum Target {
    CONTAINERD,
    CONTAINERD_IN_V1ALPHA2,
    ROUTER_WITH_PREFIXED_IDS_PRIMARY,
    ROUTER_WITH_PREFIXED_IDS_SECONDARY,
    ROUTER_WITH_NATIVE_IDS_PRIMARY,
    ROUTER_WITH_NATIVE_IDS_SECONDARY;

    boolean isRouter() {
      return this != CONTAINERD && this != CONTAINERD_IN_V1ALPHA2;
    }

    Side side() {
      return name().endsWith("SECONDARY") ? Side.SECONDARY : Side.PRIMARY;
    }

    IdStrategy ids() {
      return name().contains("NATIVE") ? IdStrategy.nativeIds() : IdStrategy.prefixed();
    }
  }

  /** Injects the shared pairs before the contract connects. */
  private static final class WithPairs implements BeforeAllCallback {
    @Override
    public void beforeAll(ExtensionContext context) {
      OnPair suite = (OnPair) context.getRequiredTestInstance();
      suite.pairs = SharedPairs.of(context);
    }
  }

  /** The contract on one of two containerd, or on a router in front of them. */
  @ExtendWith(WithPairs.class)
  @Execution(ExecutionMode.SAME_THREAD)
  abstract static class OnPair extends RuntimeContract {
    private final ContainerdLine line;
    private final Target target;
    private final Resources resources = new Resources();
    private SharedPairs pairs;

    OnPair(ContainerdLine line, Target target) {
      this.line = line;
      this.target = target;
    }

    /** The features that containerd of a line lacks. */
    private static Set<Feature> lacks(ContainerdLine line) {
      Set<Feature> lacks =
          EnumSet.of(
              Feature.POD_CONTAINER_STATUSES,
              Feature.POD_RESOURCES,
              Feature.IMAGE_FILTER,
              Feature.METRICS,
              Feature.LIST_STREAMS,
              Feature.CHECKPOINTS);
      if (line == ContainerdLine.INSTALLED) {
        lacks.addAll(
            Set.of(
                Feature.RUNTIME_CONFIG,
                Feature.RUNTIME_HANDLERS,
                Feature.STOP_OF_UNKNOWN_POD_SANDBOX,
                Feature.STOP_OF_UNKNOWN_CONTAINER,
                Feature.EVENTS));
      }
      return lacks;
    }

    @Override
    protected RuntimeUnderTest runtime() throws IOException {
      Optional<String> reason = ContainerdEnvironment.reasonToSkip(line);
      assumeTrue(reason.isEmpty(), () -> reason.orElse(""));
      RoutedPair pair = pairs.on(line);
      Side side = target.side();
      RuntimeUnderTest.Builder runtime =
          RuntimeUnderTest.at(socket(pair), TestRegistry.BUSYBOX)
              .imageToRemove(
                  pair.runtimes()
                      .registry()
                      .push("contract:1", TestImage.busybox().withLabel("for", "contract")))
              .logs(Files.createDirectories(pair.runtimes().run().path().resolve("contract-logs")))
              .cgroupParent(pair.runtime(side).cgroupParent())
              .lacks(lacks(line).toArray(Feature[]::new))
              .closeAfterwards(resources);
      if (target == Target.CONTAINERD_IN_V1ALPHA2) {
        runtime.apiVersion("v1alpha2");
      }
      side.annotations().forEach(runtime::annotation);
      return runtime.build();
    }

    private Path socket(RoutedPair pair) {
      return target.isRouter()
          ? resources
              .keep(
                  RouterInFront.of(pair.runtimes(), RouterInFront.Setup.DEFAULT.with(target.ids())))
              .socket()
          : pair.runtime(target.side()).socket();
    }
  }

  /** Both lines run concurrently, because their pairs are independent and mostly wait. */
  @Nested
  @Execution(ExecutionMode.CONCURRENT)
  class Installed {
    @Nested
    class Containerd extends OnPair {
      Containerd() {
        super(ContainerdLine.INSTALLED, Target.CONTAINERD);
      }
    }

    @Nested
    class ContainerdInV1alpha2 extends OnPair {
      ContainerdInV1alpha2() {
        super(ContainerdLine.INSTALLED, Target.CONTAINERD_IN_V1ALPHA2);
      }
    }

    @Nested
    class PrimaryBehindPrefixedIds extends OnPair {
      PrimaryBehindPrefixedIds() {
        super(ContainerdLine.INSTALLED, Target.ROUTER_WITH_PREFIXED_IDS_PRIMARY);
      }
    }

    @Nested
    class SecondaryBehindPrefixedIds extends OnPair {
      SecondaryBehindPrefixedIds() {
        super(ContainerdLine.INSTALLED, Target.ROUTER_WITH_PREFIXED_IDS_SECONDARY);
      }
    }

    @Nested
    class PrimaryBehindNativeIds extends OnPair {
      PrimaryBehindNativeIds() {
        super(ContainerdLine.INSTALLED, Target.ROUTER_WITH_NATIVE_IDS_PRIMARY);
      }
    }

    @Nested
    class SecondaryBehindNativeIds extends OnPair {
      SecondaryBehindNativeIds() {
        super(ContainerdLine.INSTALLED, Target.ROUTER_WITH_NATIVE_IDS_SECONDARY);
      }
    }
  }

  @Nested
  @Execution(ExecutionMode.CONCURRENT)
  class Newer {
    @Nested
    class Containerd extends OnPair {
      Containerd() {
        super(ContainerdLine.NEWER, Target.CONTAINERD);
      }
    }

    @Nested
    class PrimaryBehindPrefixedIds extends OnPair {
      PrimaryBehindPrefixedIds() {
        super(ContainerdLine.NEWER, Target.ROUTER_WITH_PREFIXED_IDS_PRIMARY);
      }
    }

    @Nested
    class SecondaryBehindPrefixedIds extends OnPair {
      SecondaryBehindPrefixedIds() {
        super(ContainerdLine.NEWER, Target.ROUTER_WITH_PREFIXED_IDS_SECONDARY);
      }
    }

    @Nested
    class PrimaryBehindNativeIds extends OnPair {
      PrimaryBehindNativeIds() {
        super(ContainerdLine.NEWER, Target.ROUTER_WITH_NATIVE_IDS_PRIMARY);
      }
    }

    @Nested
    class SecondaryBehindNativeIds extends OnPair {
      SecondaryBehindNativeIds() {
        super(ContainerdLine.NEWER, Target.ROUTER_WITH_NATIVE_IDS_SECONDARY);
      }
    }
  }
}
