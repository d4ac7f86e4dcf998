package io.crirouter.testkit.docs;

import io.crirouter.core.BackendName;
import io.crirouter.core.CriRouter;
import io.crirouter.core.RoutingPolicy;
import io.crirouter.testkit.FakeRuntime;
import io.crirouter.testkit.ManualScheduler;
import io.crirouter.testkit.contract.Feature;
import io.crirouter.testkit.contract.RoutingPolicyContract;
import io.crirouter.testkit.contract.RuntimeContract;
import io.crirouter.testkit.contract.RuntimeUnderTest;
import io.crirouter.testkit.kubelet.KubeletSimulator;
import io.crirouter.testkit.kubelet.PodSpec;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** The snippets about contracts and the kubelet in docs/testing.md. */
class ContractsTest {
  private final FakeRuntime vmRuntime = FakeRuntime.named("vm").images("busybox").build();

  @Nested
  // snippet: runtime-contract
  class VmRuntimeContractTest extends RuntimeContract {
    @Override
    protected RuntimeUnderTest runtime() {
      return RuntimeUnderTest.of(vmRuntime, "busybox")
          .imageToRemove("alpine")
          .lacks(Feature.PROCESSES, Feature.LOG_FILES)
          .lacks(Feature.STREAM_SERVER, Feature.PULL_ERRORS)
          .build();
    }
  }

  // end

  @Nested
  // snippet: policy-contract
  class TenantPolicyTest extends RoutingPolicyContract {
    @Override
    protected RoutingPolicy policy() {
      return RoutingPolicy.namespace(Map.of("team-a", BackendName.of("vm")));
    }

    @Override
    protected Set<BackendName> backends() {
      return Set.of(BackendName.of("containerd"), BackendName.of("vm"));
    }
  }

  // end

  @Test
  void podsSurviveAnOutageOfTheirRuntime() {
    // snippet: kubelet
    ManualScheduler time = new ManualScheduler();
    FakeRuntime containerd = FakeRuntime.named("containerd").scheduler(time).build();
    FakeRuntime vm = FakeRuntime.named("vm").scheduler(time).build();
    CriRouter router =
        CriRouter.builder()
            .scheduler(time)
            .primary(BackendName.of("containerd"), containerd)
            .secondary(BackendName.of("vm"), vm)
            .build();
    KubeletSimulator kubelet = KubeletSimulator.builder(router, time).start();
    kubelet.add(
        PodSpec.named("web")
            .container("main", "nginx")
            .annotation(RoutingPolicy.TARGET_RUNTIME_ANNOTATION, "vm")
            .build());
    time.advance(Duration.ofSeconds(30));

    vm.down();
    time.advance(Duration.ofMinutes(10));
    vm.up();
    time.advance(Duration.ofMinutes(1));

    kubelet.assertNoFindings();
    // end
    kubelet.close();
    router.close();
  }
}
