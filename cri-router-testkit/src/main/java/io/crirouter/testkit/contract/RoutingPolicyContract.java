package io.crirouter.testkit.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.crirouter.core.BackendName;
import io.crirouter.core.ImageView;
import io.crirouter.core.PodView;
import io.crirouter.core.RoutingPolicy;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * The contract of {@link RoutingPolicy}: decide by the pod alone, return only configured backends,
 * never block, and be thread-safe. Extend it with a test class:
 *
 * <pre>{@code
 * class TenantPolicyTest extends RoutingPolicyContract {
 *   @Override
 *   protected RoutingPolicy policy() {
 *     return new TenantPolicy(Map.of("blue", BackendName.of("kata")));
 *   }
 *
 *   @Override
 *   protected Set<BackendName> backends() {
 *     return Set.of(BackendName.of("containerd"), BackendName.of("kata"));
 *   }
 * }
 * }</pre>
 *
 * <p>It is checked with some hundred sample pods. If a policy uses special labels or annotations
 * and therefore decides for none of them, override {@link #pods}. Refusing a pod with an {@link
 * IllegalArgumentException} is a decision too.
 */
public abstract class RoutingPolicyContract {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final int THREADS = 4;

  /** For subclasses. */
  protected RoutingPolicyContract() {}

  /** Creates the policy, as at the start of a process. */
  protected abstract RoutingPolicy policy();

  /** The backends of the router, including the primary. */
  protected abstract Set<BackendName> backends();

  /** The pods to check. The image calls of a kubelet for them are checked too. */
  protected List<PodView> pods() {
    return SamplePods.of(backends());
  }

  /** The image call of a kubelet for the pod. */
  private static ImageView imageOf(PodView pod) {
    return ImageView.builder("registry.example/app:latest")
        .annotations(pod.annotations())
        .runtimeHandler(pod.runtimeHandler())
        .build();
  }

  private static List<@Nullable Object> decisions(RoutingPolicy policy, List<PodView> pods) {
    List<@Nullable Object> decisions = new ArrayList<>();
    for (PodView pod : pods) {
      decisions.add(decision(() -> policy.forPod(pod)));
      decisions.add(decision(() -> policy.forImage(imageOf(pod))));
    }
    return decisions;
  }

  /** The decision: a backend, empty, or the reason of a refusal. */
  private static @Nullable Object decision(Supplier<Optional<BackendName>> query) {
    try {
      return query.get();
    } catch (IllegalArgumentException e) {
      return "refused: " + e.getMessage();
    }
  }

  @Test
  void somePodsAreDecided() {
    RoutingPolicy policy = policy();
    assertTrue(
        pods().stream()
            .anyMatch(pod -> !Optional.empty().equals(decision(() -> policy.forPod(pod)))),
        policy + " decides for none of the sample pods: override pods() with pods that it routes");
  }

  @Test
  void noDecisionIsNull() {
    RoutingPolicy policy = policy();
    for (PodView pod : pods()) {
      assertNotNull(
          decision(() -> policy.forPod(pod)),
          () -> "forPod(" + pod + "): no decision is Optional.empty");
      ImageView image = imageOf(pod);
      assertNotNull(
          decision(() -> policy.forImage(image)), () -> "forImage(" + image + ") of " + pod);
    }
  }

  @Test
  void onlyConfiguredBackendsAreReturned() {
    RoutingPolicy policy = policy();
    for (PodView pod : pods()) {
      assertKnown(decision(() -> policy.forPod(pod)), pod);
      assertKnown(decision(() -> policy.forImage(imageOf(pod))), pod);
    }
  }

  private void assertKnown(@Nullable Object decision, PodView pod) {
    if (decision instanceof Optional<?> backend && backend.isPresent()) {
      assertTrue(
          isKnown(decision), () -> pod + " would go to " + decision + ", not one of " + backends());
    }
  }

  private boolean isKnown(@Nullable Object decision) {
    return backends().stream().anyMatch(name -> Optional.of(name).equals(decision));
  }

  @Test
  void decisionsDependOnThePodOnlyNotOnEarlierCalls() {
    RoutingPolicy policy = policy();
    List<PodView> pods = new ArrayList<>(pods());
    List<@Nullable Object> first = decisions(policy, pods);

    assertEquals(first, decisions(policy, pods), "query again");
    List<PodView> shuffled = new ArrayList<>(pods);
    Collections.shuffle(shuffled, new Random(1));
    List<@Nullable Object> unused = decisions(policy, shuffled);
    assertEquals(first, decisions(policy, pods), "query after others");
  }

  @Test
  void decisionsAreTheSameAfterARestart() {
    assertEquals(decisions(policy(), pods()), decisions(policy(), pods()));
  }

  @Test
  void manyThreadsGetTheSameDecisions() throws Exception {
    RoutingPolicy policy = policy();
    List<PodView> pods = pods();
    List<@Nullable Object> expected = decisions(policy(), pods);

    Concurrently.run(THREADS, thread -> assertEquals(expected, decisions(policy, pods)));
  }

  @Test
  void noDecisionBlocks() {
    RoutingPolicy policy = policy();
    List<PodView> pods = pods();
    assertTimeoutPreemptively(
        LIMIT,
        () -> {
          // A first run without counting, because class loading may block.
          List<@Nullable Object> unused = decisions(policy, pods);
          long before = waits();
          List<@Nullable Object> again = decisions(policy, pods);
          assertEquals(
              0, waits() - before, () -> "waits, locks and sleeps for " + again.size() + " calls");
        },
        "policies are called on event loops and must not block");
  }

  /** How often this thread has waited, slept or been blocked. */
  private static long waits() {
    ThreadInfo thread =
        ManagementFactory.getThreadMXBean().getThreadInfo(Thread.currentThread().getId());
    return thread.getWaitedCount() + thread.getBlockedCount();
  }

  @Test
  void eachAnnouncedRuntimeHandlerHasABackend() {
    RoutingPolicy policy = policy();
    assertEquals(policy.runtimeHandlers(), policy.runtimeHandlers(), "query again");
    for (String handler : policy.runtimeHandlers()) {
      assertFalse(
          handler.isEmpty(),
          "the default handler belongs to the primary and must not be announced");
      PodView pod = PodView.builder().runtimeHandler(handler).build();
      Object decision = decision(() -> policy.forPod(pod));
      assertTrue(
          isKnown(decision),
          () ->
              "the node announces the runtime handler " + handler + ", but it goes to " + decision);
    }
  }
}
