package io.crirouter.testkit.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.proto.v1.ListPodSandboxRequest;
import io.crirouter.proto.v1.PodSandbox;
import io.crirouter.proto.v1.RemovePodSandboxRequest;
import io.crirouter.proto.v1.StopPodSandboxRequest;
import io.crirouter.testkit.CriClient;
import io.crirouter.testkit.containerd.ContainerdLine;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Kills, stops and restarts real runtimes for some seconds while pods are created and removed and a
 * kubelet lists: a short version of the chaos test on fakes.
 */
@ParameterizedClass
@EnumSource(ContainerdLine.class)
class ChaosE2eTest extends WithExclusivePair {
  private static final Duration LENGTH =
      Duration.ofSeconds(Long.getLong("crirouter.chaos.seconds", 12));

  @Test
  void listsStayCorrectWhileRuntimesAreKilledAndStopped() throws InterruptedException {
    long seed = Long.getLong("crirouter.chaos.seed", ThreadLocalRandom.current().nextInt(1 << 30));
    System.out.println("chaos on " + pair() + " with -Dcrirouter.chaos.seed=" + seed);
    long threads = ownThreads();
    RealChaos chaos = new RealChaos(pair(), seed);

    try {
      chaos.run(LENGTH);
    } catch (ExecutionException e) {
      throw new AssertionError("seed " + seed + ": " + e.getCause().getMessage(), e);
    }

    System.out.println(chaos);
    assertThat(chaos.listsChecked()).as("lists").isGreaterThan(10);
    assertThat(chaos.podsCreated()).as("pods").isGreaterThan(5);
    assertThat(chaos.faults().completed(Side.SECONDARY)).as("faults").isGreaterThan(1);
    Await.until("complete list", () -> sandboxes(proxy()), this::hasAllSandboxes);
    assertThat(ownThreads()).as("threads of the router").isLessThanOrEqualTo(threads);
    removePods();
  }

  /** Whether the list is complete. Right after a runtime returns it may be the last known one. */
  private boolean hasAllSandboxes(List<String> listed) {
    List<String> all =
        Stream.of(Side.values())
            .flatMap(side -> sandboxes(pair().direct(side)).stream().map(side::id))
            .toList();
    return listed.size() == all.size() && Set.copyOf(listed).equals(Set.copyOf(all));
  }

  private static long ownThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("cri-router"))
        .count();
  }

  private static List<String> sandboxes(CriClient client) {
    return client
        .runtime()
        .listPodSandbox(ListPodSandboxRequest.getDefaultInstance())
        .getItemsList()
        .stream()
        .map(PodSandbox::getId)
        .toList();
  }

  /** Removes all other pods, also those whose creation got no response, as a kubelet does. */
  private void removePods() {
    List<String> kept = Stream.of(Side.values()).map(side -> pod(side).id()).toList();
    for (String id : sandboxes(proxy())) {
      if (!kept.contains(id)) {
        proxy()
            .runtime()
            .stopPodSandbox(StopPodSandboxRequest.newBuilder().setPodSandboxId(id).build());
        proxy()
            .runtime()
            .removePodSandbox(RemovePodSandboxRequest.newBuilder().setPodSandboxId(id).build());
      }
    }
    assertThat(sandboxes(proxy())).containsExactlyInAnyOrderElementsOf(kept);
  }
}
