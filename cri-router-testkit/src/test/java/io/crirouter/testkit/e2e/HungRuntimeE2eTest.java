package io.crirouter.testkit.e2e;

import static io.crirouter.testkit.e2e.Side.PRIMARY;
import static io.crirouter.testkit.e2e.Side.SECONDARY;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.crirouter.core.StateStore;
import io.crirouter.core.Timeouts;
import io.crirouter.proto.v1.Container;
import io.crirouter.proto.v1.ContainerState;
import io.crirouter.testkit.CriClient;
import io.crirouter.testkit.containerd.ContainerdLine;
import io.grpc.Status;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A secondary that is stopped (SIGSTOP) accepts connections but does not answer. Lists wait for
 * their budget at most, and other calls are not delayed.
 *
 * <p>No time is measured here. A call with a deadline below the budget succeeds only if it does not
 * wait for the budget. A call with a deadline above it succeeds only if the budget is kept.
 */
@ParameterizedClass
@EnumSource(ContainerdLine.class)
class HungRuntimeE2eTest extends WithExclusivePair {
  private static final Duration BUDGET = Duration.ofSeconds(2);
  private static final Duration SHORTER = Duration.ofMillis(1800);
  private static final Duration LONGER = Duration.ofSeconds(8);

  /** The number of misses after which lists do not wait any more. */
  private static final int MISSES = 3;

  private static final CriCall CONTAINERS = new CriCall("ListContainers", "");

  private final CountingStore store = new CountingStore();
  private RouterInFront router;

  /** Counts the saves of the router. */
  private static final class CountingStore implements StateStore {
    private final AtomicInteger saves = new AtomicInteger();

    @Override
    public Optional<ByteString> load() {
      return Optional.empty();
    }

    @Override
    public void save(ByteString state, Runnable whenSaved) {
      saves.incrementAndGet();
      whenSaved.run();
    }
  }

  @BeforeEach
  void startRouter() {
    router =
        RouterInFront.of(
            pair().runtimes(),
            RouterInFront.Setup.DEFAULT.with(
                builder ->
                    builder
                        .timeouts(Timeouts.builder().podLists(BUDGET).otherMerges(BUDGET).build())
                        .stateStore(store)));
  }

  @AfterEach
  void stopRouter() {
    router.close();
  }

  @Test
  void listsWaitForTheBudgetAndLaterNotAtAll() {
    ListSnapshot before = containers(LONGER);
    runtime(SECONDARY).pause();

    List<CompletableFuture<ListSnapshot>> misses =
        IntStream.range(0, MISSES)
            .mapToObj(i -> CompletableFuture.supplyAsync(() -> containers(LONGER)))
            .toList();

    assertThat(misses).allSatisfy(list -> assertThat(list.join()).isEqualTo(before));
    assertThat(containers(SHORTER)).as("a list that does not wait").isEqualTo(before);
  }

  @Test
  void callsToThePrimaryAreNotDelayedByAHungSecondary() {
    runtime(SECONDARY).pause();
    List<CompletableFuture<?>> waiting =
        List.of(
            CompletableFuture.supplyAsync(() -> containers(LONGER)),
            CompletableFuture.supplyAsync(() -> callSecondary(LONGER)),
            CompletableFuture.supplyAsync(() -> callSecondary(LONGER)));

    KubeletPod pod =
        KubeletPod.run(within(SHORTER), PRIMARY, PodSpecs.pod(pair(), PRIMARY, "unslowed"), "");
    String container = pod.start(PodSpecs.printing("main", "hello"));
    assertThat(pod.exec(container, "true").getExitCode()).isZero();
    pod.delete();

    assertThat(waiting.get(1)).as("a call to the secondary").isNotDone();
    runtime(SECONDARY).resume();
    CompletableFuture.allOf(waiting.toArray(CompletableFuture<?>[]::new)).join();
  }

  /** Calls wait until the runtime is lost. They are answered if it resumes before. */
  @Test
  void callsByIdWaitUntilTheRuntimeIsLostAndItRecoversWhenItResumes() {
    runtime(SECONDARY).pause();
    CompletableFuture<Outcome> early = CompletableFuture.supplyAsync(() -> callSecondary(LONGER));
    containers(LONGER);

    assertThat(callSecondary(Duration.ofMillis(500)).code())
        .as("a call while the runtime is slow, but not lost")
        .isEqualTo(Status.Code.DEADLINE_EXCEEDED);
    assertThat(early).isNotDone();
    Outcome status =
        Await.until(
            "condition of a lost runtime",
            () -> new CriCall("Status", "").execute(router.client(), names()),
            seen -> seen.answer().orElseThrow().toString().contains("\"Lost\""));
    assertThat(status.answer().orElseThrow().toString())
        .contains(SECONDARY.backend() + "/RuntimeReady");
    runtime(SECONDARY).resume();

    awaitAnswer(SECONDARY, router.client());
    KubeletPod pod =
        KubeletPod.run(
            router.client(), SECONDARY, PodSpecs.pod(pair(), SECONDARY, "after-healing"), "");
    pod.start(PodSpecs.printing("main", "hello"));
    pod.delete();
    assertThat(early.join().code()).isIn(Status.Code.OK, Status.Code.UNAVAILABLE);
  }

  @Test
  void aLateResponseRefreshesTheInventory() {
    KubeletPod pod =
        KubeletPod.run(
            router.client(), SECONDARY, PodSpecs.pod(pair(), SECONDARY, "short-lived"), "");
    String container = pod.start(PodSpecs.container("main", "exit 0"));
    Await.until(
        "end of the container",
        () -> CriCall.Names.forRuntime(pod),
        names -> exited(new CriCall("ContainerStatus", "container_id: 'CONTAINER'"), names));
    runtime(SECONDARY).pause();
    assertThat(state(container))
        .as("a change that the router has not seen")
        .isEqualTo(ContainerState.CONTAINER_RUNNING);
    int savesBefore = store.saves.get();

    runtime(SECONDARY).resume();
    Await.until("late response", store.saves::get, saves -> saves > savesBefore);
    runtime(SECONDARY).kill();

    assertThat(state(container)).isEqualTo(ContainerState.CONTAINER_EXITED);
    restart(SECONDARY);
    awaitAnswer(SECONDARY, router.client());
    pod.delete();
  }

  private boolean exited(CriCall call, CriCall.Names names) {
    return call.execute(pair().direct(SECONDARY), names)
        .answer()
        .orElseThrow()
        .toString()
        .contains("CONTAINER_EXITED");
  }

  private ContainerState state(String container) {
    return containers(LONGER).answer(CONTAINERS).stream()
        .map(Container.class::cast)
        .filter(item -> item.getId().equals(container))
        .findAny()
        .orElseThrow()
        .getState();
  }

  private ListSnapshot containers(Duration deadline) {
    return ListSnapshot.query(within(deadline), pod(SECONDARY), List.of(CONTAINERS));
  }

  private Outcome callSecondary(Duration deadline) {
    return new CriCall("PodSandboxStatus", "pod_sandbox_id: 'POD'")
        .execute(within(deadline), names());
  }

  private CriCall.Names names() {
    return CriCall.Names.forClients(pod(SECONDARY));
  }

  private CriClient within(Duration deadline) {
    return router.client().withDeadline(deadline);
  }
}
