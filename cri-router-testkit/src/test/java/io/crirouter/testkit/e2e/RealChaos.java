package io.crirouter.testkit.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.proto.v1.Container;
import io.crirouter.proto.v1.ContainerState;
import io.crirouter.proto.v1.ListContainersRequest;
import io.crirouter.proto.v1.ListContainersResponse;
import io.crirouter.proto.v1.ListPodSandboxRequest;
import io.crirouter.proto.v1.ListPodSandboxResponse;
import io.crirouter.proto.v1.PodSandbox;
import io.crirouter.testkit.CriClient;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A chaos run on two real runtimes with its invariants. Pods are created and removed on both, a
 * kubelet lists them, and both runtimes are killed, stopped and restarted. The seed determines the
 * actions, but not their timing.
 */
final class RealChaos {
  /** Above the budget of a list, and below the time that a hung runtime would take. */
  private static final Duration LIST_DEADLINE = Duration.ofSeconds(3);

  private static final Duration CALL_DEADLINE = Duration.ofSeconds(10);
  private static final int LIST_EVERY_MILLIS = 200;

  /** Codes that only containerd returns, after a kill -9. */
  private static final Set<Status.Code> CONTAINERD_ERRORS =
      EnumSet.of(Status.Code.UNKNOWN, Status.Code.ALREADY_EXISTS);

  private static final int WORKERS = 2;
  private static final int MAX_PODS = 6;

  private final RoutedPair pair;
  private final CriClient client;
  private final Random seeds;
  private final ChaosClock clock = new ChaosClock();
  private final RuntimeFaults faults;
  private final ExpectedIds sandboxes = new ExpectedIds("sandboxes");
  private final ExpectedIds containers = new ExpectedIds("running containers");
  private final AtomicInteger created = new AtomicInteger();
  private final AtomicInteger listsChecked = new AtomicInteger();

  RealChaos(RoutedPair pair, long seed) {
    this.pair = pair;
    this.client = pair.proxy().withDeadline(CALL_DEADLINE);
    this.seeds = new Random(seed);
    this.faults = new RuntimeFaults(pair, clock);
  }

  int listsChecked() {
    return listsChecked.get();
  }

  int podsCreated() {
    return created.get();
  }

  RuntimeFaults faults() {
    return faults;
  }

  /** Runs for {@code length} or until a failure. Both runtimes are healthy afterwards. */
  void run(Duration length) throws InterruptedException, ExecutionException {
    List<Callable<Void>> parts = new ArrayList<>();
    parts.add(part(this::list));
    for (int i = 0; i < WORKERS; i++) {
      Worker worker = new Worker(new Random(seeds.nextLong()));
      parts.add(part(worker::work));
    }
    Random secondary = new Random(seeds.nextLong());
    Random primary = new Random(seeds.nextLong());
    parts.add(part(() -> faults.injectUntilEnd(Side.SECONDARY, secondary, 500)));
    parts.add(part(() -> faults.injectUntilEnd(Side.PRIMARY, primary, 4000)));
    ExecutorService threads = Executors.newFixedThreadPool(parts.size());
    try {
      List<Future<Void>> ends = parts.stream().map(threads::submit).toList();
      clock.sleep(length.toMillis());
      clock.end();
      for (Future<Void> end : ends) {
        end.get();
      }
    } finally {
      threads.shutdownNow();
      threads.awaitTermination(CALL_DEADLINE.toSeconds(), TimeUnit.SECONDS);
    }
  }

  /** Wraps a part so that its failure ends the run. */
  private Callable<Void> part(Runnable body) {
    return () -> {
      try {
        body.run();
        return null;
      } catch (RuntimeException | Error e) {
        clock.end();
        throw e;
      }
    };
  }

  private void list() {
    CriClient kubelet = pair.proxy().withDeadline(LIST_DEADLINE);
    while (clock.sleep(LIST_EVERY_MILLIS)) {
      ExpectedIds.Check check = sandboxes.begin();
      callUnlessFaulty(
          Side.PRIMARY,
          () -> {
            ListPodSandboxResponse all =
                kubelet.runtime().listPodSandbox(ListPodSandboxRequest.getDefaultInstance());
            check.verify(all.getItemsList().stream().map(PodSandbox::getId).toList());
          });
      ExpectedIds.Check running = containers.begin();
      callUnlessFaulty(
          Side.PRIMARY,
          () -> {
            ListContainersResponse all =
                kubelet.runtime().listContainers(ListContainersRequest.getDefaultInstance());
            running.verify(
                all.getContainersList().stream()
                    .filter(item -> item.getState() == ContainerState.CONTAINER_RUNNING)
                    .map(Container::getId)
                    .toList());
          });
      listsChecked.incrementAndGet();
    }
  }

  /**
   * Makes calls about an existing object of {@code side}. They may fail only if the runtime had a
   * fault during them, and never with NOT_FOUND.
   *
   * @return whether they succeeded
   */
  private boolean callUnlessFaulty(Side side, Runnable calls) {
    RuntimeFaults.Interval interval = faults.begin(side);
    try {
      calls.run();
      return true;
    } catch (StatusRuntimeException e) {
      Status.Code code = e.getStatus().getCode();
      if ((interval.wasHealthy() && !CONTAINERD_ERRORS.contains(code))
          || code == Status.Code.NOT_FOUND) {
        throw new AssertionError(
            "a call for " + side.backend() + " failed with " + e.getStatus(), e);
      }
      return false;
    }
  }

  @Override
  public String toString() {
    return String.format(
        "chaos run of %s pods, %s lists, %s faults of the secondary and %s of the primary",
        created, listsChecked, faults.completed(Side.SECONDARY), faults.completed(Side.PRIMARY));
  }

  /** Creates pods, gets their status and removes them, like a pod worker of a kubelet. */
  private final class Worker {
    private final Random random;
    private final List<KubeletPod> pods = new ArrayList<>();

    Worker(Random random) {
      this.random = random;
    }

    void work() {
      while (clock.sleep(random.nextInt(100))) {
        int dice = random.nextInt(100);
        if (pods.isEmpty() || (dice < 40 && pods.size() < MAX_PODS)) {
          createPod(random.nextBoolean() ? Side.PRIMARY : Side.SECONDARY);
        } else if (dice < 60) {
          remove(pods.get(random.nextInt(pods.size())));
        } else {
          getStatus(pods.get(random.nextInt(pods.size())));
        }
      }
    }

    private void createPod(Side side) {
      callUnlessFaulty(
          side,
          () -> {
            String name = "chaos-" + created.incrementAndGet();
            KubeletPod pod = KubeletPod.run(client, side, PodSpecs.pod(pair, side, name), "");
            pods.add(pod);
            sandboxes.expectPresent(pod.id());
            containers.expectPresent(pod.start(PodSpecs.printing("main", "hello")));
          });
    }

    /** Removes a pod. If that fails, it stays for another try. */
    private void remove(KubeletPod pod) {
      sandboxes.release(pod.id());
      pod.containers().forEach(containers::release);
      if (callUnlessFaulty(pod.side(), pod::remove)) {
        pods.remove(pod);
        sandboxes.expectAbsent(pod.id());
        pod.containers().forEach(containers::expectAbsent);
      }
    }

    private void getStatus(KubeletPod pod) {
      if (sandboxes.isPresent(pod.id())) {
        callUnlessFaulty(
            pod.side(), () -> assertThat(pod.status().getStatus().getId()).isEqualTo(pod.id()));
      }
      for (String container : pod.containers()) {
        if (containers.isPresent(container)) {
          callUnlessFaulty(
              pod.side(),
              () ->
                  assertThat(pod.status(container).getStatus().getState())
                      .isEqualTo(ContainerState.CONTAINER_RUNNING));
        }
      }
    }
  }
}
