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
 * What every {@link RoutingPolicy} must do: decide by the pod alone, name only backends that there
 * are, and do so at once, from any thread. Extend it with a test class:
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
 * <p>It tries some hundred pods of its own. A policy that looks at labels or annotations of its own
 * decides for none of them: then override {@link #pods}. Pods that it refuses, by an {@link
 * IllegalArgumentException}, may be among them: to refuse is a decision too.
 */
public abstract class RoutingPolicyContract {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final int THREADS = 4;

  /** For subclasses. */
  protected RoutingPolicyContract() {}

  /** Makes the policy anew, as a process does that starts. */
  protected abstract RoutingPolicy policy();

  /** The backends that the router has, the primary included. */
  protected abstract Set<BackendName> backends();

  /** The pods that are tried; the image calls that a kubelet makes for them are tried too. */
  protected List<PodView> pods() {
    return SamplePods.of(backends());
  }

  /** An image call for the pod, as a kubelet makes it. */
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

  /** What a policy says: a backend, that it does not decide, or why it refuses. */
  private static @Nullable Object decision(Supplier<Optional<BackendName>> asked) {
    try {
      return asked.get();
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
        policy
            + " decides for none of the pods that are tried: override pods() with some of yours");
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
  void onlyBackendsThatThereAreAreNamed() {
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
  void thePodAloneDecidesNotWhatWasAskedBefore() {
    RoutingPolicy policy = policy();
    List<PodView> pods = new ArrayList<>(pods());
    List<@Nullable Object> first = decisions(policy, pods);

    assertEquals(first, decisions(policy, pods), "asked again");
    List<PodView> shuffled = new ArrayList<>(pods);
    Collections.shuffle(shuffled, new Random(1));
    List<@Nullable Object> unused = decisions(policy, shuffled);
    assertEquals(first, decisions(policy, pods), "asked after others");
  }

  @Test
  void afterARestartThePodsGoWhereTheyWent() {
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
  void noDecisionWaits() {
    RoutingPolicy policy = policy();
    List<PodView> pods = pods();
    assertTimeoutPreemptively(
        LIMIT,
        () -> {
          // Once before it counts: classes are loaded, and that may wait.
          List<@Nullable Object> unused = decisions(policy, pods);
          long before = waits();
          List<@Nullable Object> again = decisions(policy, pods);
          assertEquals(
              0, waits() - before, () -> "waits, locks and sleeps for " + again.size() + " calls");
        },
        "policies are called on event loops and must not block");
  }

  /** How often this thread has waited, slept or been blocked so far. */
  private static long waits() {
    ThreadInfo thread =
        ManagementFactory.getThreadMXBean().getThreadInfo(Thread.currentThread().getId());
    return thread.getWaitedCount() + thread.getBlockedCount();
  }

  @Test
  void eachRuntimeHandlerThatIsAnnouncedHasABackend() {
    RoutingPolicy policy = policy();
    assertEquals(policy.runtimeHandlers(), policy.runtimeHandlers(), "asked again");
    for (String handler : policy.runtimeHandlers()) {
      assertFalse(handler.isEmpty(), "the default handler is the primary's, and not announced");
      PodView pod = PodView.builder().runtimeHandler(handler).build();
      Object decision = decision(() -> policy.forPod(pod));
      assertTrue(
          isKnown(decision),
          () ->
              "the node announces the runtime handler " + handler + ", but for it is " + decision);
    }
  }
}
