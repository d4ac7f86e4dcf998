package io.crirouter.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The pods of a node are spread by weight, the same way at each retry. */
class WeightedPolicyTest {
  private static final BackendName A = BackendName.of("a");
  private static final BackendName B = BackendName.of("b");
  private static final BackendName C = BackendName.of("c");
  private static final int PODS = 20_000;

  private static Stream<PodView> pods() {
    return IntStream.range(0, PODS)
        .mapToObj(i -> PodView.builder().uid(new UUID(7, i).toString()).build());
  }

  private static double share(RoutingPolicy policy, BackendName backend) {
    return pods().filter(pod -> policy.forPod(pod).orElseThrow().equals(backend)).count()
        / (double) PODS;
  }

  @Test
  void eachBackendGetsItsShare() {
    RoutingPolicy policy = RoutingPolicy.weighted(Map.of(A, 90, B, 9, C, 1));

    assertThat(share(policy, A)).isCloseTo(0.90, within(0.01));
    assertThat(share(policy, B)).isCloseTo(0.09, within(0.01));
    assertThat(share(policy, C)).isCloseTo(0.01, within(0.005));
  }

  @Test
  void aPodGetsTheSameAnswerFromEachPolicyWithTheseWeights() {
    RoutingPolicy one = RoutingPolicy.weighted(Map.of(A, 1, B, 1));
    RoutingPolicy other = RoutingPolicy.weighted(Map.of(B, 10, A, 10));

    assertThat(pods()).allSatisfy(pod -> assertThat(one.forPod(pod)).isEqualTo(other.forPod(pod)));
  }

  /** The hash must never change: pods would be placed anew at each retry over an upgrade. */
  @Test
  void theAnswersAreThoseOfEveryRelease() {
    RoutingPolicy policy = RoutingPolicy.weighted(Map.of(A, 1, B, 1));

    assertThat(
            IntStream.range(0, 16)
                .mapToObj(i -> PodView.builder().uid("pod-" + i).build())
                .map(pod -> policy.forPod(pod).orElseThrow().value()))
        .containsExactly(
            "a", "a", "a", "b", "a", "a", "b", "b", "a", "a", "b", "a", "b", "a", "a", "a");
  }

  @Test
  void aChangeOfOneWeightMovesPodsFromOrToThatBackendOnly() {
    RoutingPolicy before = RoutingPolicy.weighted(Map.of(A, 50, B, 50, C, 5));
    RoutingPolicy after = RoutingPolicy.weighted(Map.of(A, 50, B, 50, C, 20));

    assertThat(pods())
        .allSatisfy(
            pod -> {
              BackendName now = after.forPod(pod).orElseThrow();
              if (!now.equals(C)) {
                assertThat(before.forPod(pod)).contains(now);
              }
            });
  }

  @Test
  void aBackendOfWeightZeroGetsNothing() {
    RoutingPolicy policy = RoutingPolicy.weighted(Map.of(A, 0, B, 1, C, 1));

    assertThat(share(policy, A)).isZero();
    assertThat(policy.backends()).containsExactlyInAnyOrder(B, C);
  }

  @Test
  void withoutAUidOnlyASingleChoiceIsADecision() {
    PodView unknown = PodView.builder().build();

    assertThat(RoutingPolicy.weighted(Map.of(A, 1, B, 1)).forPod(unknown)).isEmpty();
    assertThat(RoutingPolicy.weighted(Map.of(A, 0, B, 1)).forPod(unknown)).contains(B);
  }

  @Test
  void weightsThatMeanNothingAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RoutingPolicy.weighted(Map.of(A, 1, B, -1)))
        .withMessageContainingAll("b", "-1");
    assertThatIllegalArgumentException().isThrownBy(() -> RoutingPolicy.weighted(Map.of(A, 0)));
    assertThatIllegalArgumentException().isThrownBy(() -> RoutingPolicy.weighted(Map.of()));
  }
}
