package io.crirouter.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.core.BackendName;
import io.crirouter.core.PodView;
import io.crirouter.core.RoutingPolicy;
import io.crirouter.testkit.contract.ContractRun.OfWrongImplementation;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** The policies of the core pass the contract, and wrong policies fail it. */
class RoutingPolicyContractTest {
  private static final BackendName CONTAINERD = BackendName.of("containerd");
  private static final BackendName KATA = BackendName.of("kata.local");

  abstract static class OnTwoBackends extends RoutingPolicyContract {
    @Override
    protected Set<BackendName> backends() {
      return Set.of(CONTAINERD, KATA);
    }
  }

  @Nested
  class Annotation extends OnTwoBackends {
    @Override
    protected RoutingPolicy policy() {
      return RoutingPolicy.annotation();
    }
  }

  @Nested
  class RuntimeHandler extends OnTwoBackends {
    @Override
    protected RoutingPolicy policy() {
      return RoutingPolicy.runtimeHandler(Map.of("kata", KATA, "runc", CONTAINERD));
    }
  }

  @Nested
  class Namespace extends OnTwoBackends {
    @Override
    protected RoutingPolicy policy() {
      return RoutingPolicy.namespace(Map.of("team-a", KATA));
    }
  }

  @Nested
  class Label extends OnTwoBackends {
    @Override
    protected RoutingPolicy policy() {
      return RoutingPolicy.label("runtime", Map.of("kata.local", KATA));
    }
  }

  @Nested
  class HostAccess extends OnTwoBackends {
    @Override
    protected RoutingPolicy policy() {
      return RoutingPolicy.hostAccess(CONTAINERD);
    }
  }

  @Nested
  class Always extends OnTwoBackends {
    @Override
    protected RoutingPolicy policy() {
      return RoutingPolicy.always(KATA);
    }
  }

  @Nested
  class AnnotationTable extends OnTwoBackends {
    @Override
    protected RoutingPolicy policy() {
      return RoutingPolicy.annotation(
              RoutingPolicy.TARGET_RUNTIME_ANNOTATION, Map.of("kata.local", KATA))
          .withOtherValuesTo(CONTAINERD);
    }
  }

  @Nested
  class ImagePrefix extends OnTwoBackends {
    @Override
    protected RoutingPolicy policy() {
      return RoutingPolicy.firstOf(
          RoutingPolicy.imagePrefix(Map.of("registry.example/", KATA)),
          RoutingPolicy.namespace(Map.of("team-a", KATA)));
    }
  }

  @Nested
  class Weighted extends OnTwoBackends {
    @Override
    protected RoutingPolicy policy() {
      return RoutingPolicy.weighted(Map.of(CONTAINERD, 90, KATA, 10));
    }
  }

  @Nested
  class FirstOf extends OnTwoBackends {
    @Override
    protected RoutingPolicy policy() {
      return RoutingPolicy.firstOf(
          RoutingPolicy.hostAccess(CONTAINERD),
          RoutingPolicy.annotation(),
          RoutingPolicy.runtimeHandler(Map.of("vm", KATA)));
    }
  }

  @Nested
  class Refusal extends OnTwoBackends {
    @Override
    protected RoutingPolicy policy() {
      return pod -> {
        if (pod.privileged()) {
          throw new IllegalArgumentException("no privileged pods");
        }
        return pod.hostNetwork() ? Optional.of(CONTAINERD) : Optional.empty();
      };
    }
  }

  @OfWrongImplementation
  static class RefusesAHandlerThatItAnnounces extends OnTwoBackends {
    @Override
    protected RoutingPolicy policy() {
      return new RoutingPolicy() {
        @Override
        public Optional<BackendName> forPod(PodView pod) {
          if (pod.runtimeHandler().equals("kata")) {
            throw new IllegalArgumentException("kata is full");
          }
          return Optional.empty();
        }

        @Override
        public Set<String> runtimeHandlers() {
          return Set.of("kata");
        }
      };
    }
  }

  @OfWrongImplementation
  static class ThrowsAnUnexpectedException extends OnTwoBackends {
    @Override
    protected RoutingPolicy policy() {
      return pod -> {
        throw new IllegalStateException("a defect");
      };
    }
  }

  @OfWrongImplementation
  static class RoundRobin extends OnTwoBackends {
    @Override
    protected RoutingPolicy policy() {
      AtomicInteger calls = new AtomicInteger();
      return pod -> Optional.of(calls.getAndIncrement() % 3 == 0 ? KATA : CONTAINERD);
    }
  }

  @OfWrongImplementation
  static class DependsOnTheProcess extends OnTwoBackends {
    private static int processes;

    @Override
    protected RoutingPolicy policy() {
      BackendName backend = processes++ % 2 == 0 ? KATA : CONTAINERD;
      return RoutingPolicy.always(backend);
    }
  }

  @OfWrongImplementation
  static class ReturnsAnUnknownBackend extends OnTwoBackends {
    @Override
    protected RoutingPolicy policy() {
      return RoutingPolicy.always(BackendName.of("gvisor.dev"));
    }
  }

  @OfWrongImplementation
  static class ReturnsNull extends OnTwoBackends {
    @Override
    @SuppressWarnings("NullAway") // possible from Kotlin and without NullAway
    protected RoutingPolicy policy() {
      return pod -> pod.privileged() ? Optional.of(KATA) : null;
    }
  }

  @OfWrongImplementation
  static class BlocksTheThread extends OnTwoBackends {
    @Override
    protected RoutingPolicy policy() {
      return pod -> {
        LockSupport.parkNanos(1000);
        return Optional.of(KATA);
      };
    }
  }

  @OfWrongImplementation
  static class NeverDecides extends OnTwoBackends {
    @Override
    protected RoutingPolicy policy() {
      return RoutingPolicy.label("unused", Map.of("any", KATA));
    }
  }

  @OfWrongImplementation
  static class AnnouncesAHandlerWithoutABackend extends OnTwoBackends {
    @Override
    protected RoutingPolicy policy() {
      return new RoutingPolicy() {
        @Override
        public Optional<BackendName> forPod(PodView pod) {
          return pod.namespace().equals("team-a") ? Optional.of(KATA) : Optional.empty();
        }

        @Override
        public Set<String> runtimeHandlers() {
          return Set.of("kata");
        }
      };
    }
  }

  @Test
  void aPolicyWithStateFails() {
    assertThat(ContractRun.of(RoundRobin.class).failed())
        .contains("decisionsDependOnThePodOnlyNotOnEarlierCalls", "manyThreadsGetTheSameDecisions");
    assertThat(ContractRun.of(DependsOnTheProcess.class).failed())
        .contains("decisionsAreTheSameAfterARestart");
  }

  @Test
  void onlyTheBrokenRuleFails() {
    assertThat(ContractRun.of(ReturnsAnUnknownBackend.class).failed())
        .containsExactly("onlyConfiguredBackendsAreReturned");
    assertThat(ContractRun.of(BlocksTheThread.class).failed()).containsExactly("noDecisionBlocks");
    assertThat(ContractRun.of(NeverDecides.class).failed()).containsExactly("somePodsAreDecided");
    assertThat(ContractRun.of(AnnouncesAHandlerWithoutABackend.class).failed())
        .containsExactly("eachAnnouncedRuntimeHandlerHasABackend");
    assertThat(ContractRun.of(RefusesAHandlerThatItAnnounces.class).failed())
        .containsExactly("eachAnnouncedRuntimeHandlerHasABackend");
  }

  @Test
  void anUnexpectedExceptionIsNoDecision() {
    assertThat(ContractRun.of(ThrowsAnUnexpectedException.class).failed())
        .contains("somePodsAreDecided", "onlyConfiguredBackendsAreReturned");
  }

  @Test
  void aNullDecisionFails() {
    assertThat(ContractRun.of(ReturnsNull.class).failed()).contains("noDecisionIsNull");
  }
}
