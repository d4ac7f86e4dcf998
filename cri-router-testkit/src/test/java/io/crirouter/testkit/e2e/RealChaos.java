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
 * One course of events on two real runtimes, and what must hold in all of them. Pods come and go on
 * both, a kubelet lists them, and both runtimes are killed, stopped and restarted; who does what is
 * told by a seed, when it has its effect is not.
 */
final class RealChaos {
  /** Far more than the budget of a list: it is not met by one that waits for a hung runtime. */
  private static final Duration LIST_DEADLINE = Duration.ofSeconds(3);

  private static final Duration CALL_DEADLINE = Duration.ofSeconds(10);
  private static final int LIST_EVERY_MILLIS = 200;

  /** Never the router's: containerd has something to repair after a kill -9, and says so. */
  private static final Set<Status.Code> CONTAINERDS_OWN =
      EnumSet.of(Status.Code.UNKNOWN, Status.Code.ALREADY_EXISTS);

  private static final int WORKERS = 2;
  private static final int MOST_PODS = 6;

  private final RoutedPair pair;
  private final CriClient client;
  private final Random seeds;
  private final ChaosClock clock = new ChaosClock();
  private final Troubles troubles;
  private final Claims sandboxes = new Claims("sandboxes");
  private final Claims containers = new Claims("running containers");
  private final AtomicInteger created = new AtomicInteger();
  private final AtomicInteger listsChecked = new AtomicInteger();

  RealChaos(RoutedPair pair, long seed) {
    this.pair = pair;
    this.client = pair.proxy().withDeadline(CALL_DEADLINE);
    this.seeds = new Random(seed);
    this.troubles = new Troubles(pair, clock);
  }

  int listsChecked() {
    return listsChecked.get();
  }

  int podsCreated() {
    return created.get();
  }

  Troubles troubles() {
    return troubles;
  }

  /** Lets it go on for {@code length}, or until something is wrong; both runtimes are well then. */
  void run(Duration length) throws InterruptedException, ExecutionException {
    List<Callable<Void>> actors = new ArrayList<>();
    actors.add(actor(this::list));
    for (int i = 0; i < WORKERS; i++) {
      Worker worker = new Worker(new Random(seeds.nextLong()));
      actors.add(actor(worker::work));
    }
    Random secondary = new Random(seeds.nextLong());
    Random primary = new Random(seeds.nextLong());
    actors.add(actor(() -> troubles.make(Side.SECONDARY, secondary, 500)));
    actors.add(actor(() -> troubles.make(Side.PRIMARY, primary, 4000)));
    ExecutorService threads = Executors.newFixedThreadPool(actors.size());
    try {
      List<Future<Void>> ends = actors.stream().map(threads::submit).toList();
      clock.pass(length.toMillis());
      clock.end();
      for (Future<Void> end : ends) {
        end.get();
      }
    } finally {
      threads.shutdownNow();
      threads.awaitTermination(CALL_DEADLINE.toSeconds(), TimeUnit.SECONDS);
    }
  }

  /** One that ends the whole course if it fails. */
  private Callable<Void> actor(Runnable part) {
    return () -> {
      try {
        part.run();
        return null;
      } catch (RuntimeException | Error e) {
        clock.end();
        throw e;
      }
    };
  }

  private void list() {
    CriClient kubelet = pair.proxy().withDeadline(LIST_DEADLINE);
    while (clock.pass(LIST_EVERY_MILLIS)) {
      Claims.Check check = sandboxes.begin();
      wellOrExcused(
          Side.PRIMARY,
          () -> {
            ListPodSandboxResponse all =
                kubelet.runtime().listPodSandbox(ListPodSandboxRequest.getDefaultInstance());
            check.hold(all.getItemsList().stream().map(PodSandbox::getId).toList());
          });
      Claims.Check running = containers.begin();
      wellOrExcused(
          Side.PRIMARY,
          () -> {
            ListContainersResponse all =
                kubelet.runtime().listContainers(ListContainersRequest.getDefaultInstance());
            running.hold(
                all.getContainersList().stream()
                    .filter(item -> item.getState() == ContainerState.CONTAINER_RUNNING)
                    .map(Container::getId)
                    .toList());
          });
      listsChecked.incrementAndGet();
    }
  }

  /**
   * Makes calls for something that exists at {@code side}. They may be turned away only if the
   * runtime had trouble meanwhile, and never by saying that there is no such thing.
   *
   * @return whether they succeeded
   */
  private boolean wellOrExcused(Side side, Runnable calls) {
    Troubles.Span span = troubles.begin(side);
    try {
      calls.run();
      return true;
    } catch (StatusRuntimeException e) {
      Status.Code code = e.getStatus().getCode();
      if ((span.wasWell() && !CONTAINERDS_OWN.contains(code)) || code == Status.Code.NOT_FOUND) {
        throw new AssertionError(
            "a call for " + side.backend() + " failed with " + e.getStatus(), e);
      }
      return false;
    }
  }

  @Override
  public String toString() {
    return String.format(
        "chaos of %s pods, %s lists, and %s troubles of the secondary, %s of the primary",
        created, listsChecked, troubles.survived(Side.SECONDARY), troubles.survived(Side.PRIMARY));
  }

  /** Makes pods, looks at them and takes them down, as a kubelet's pod workers do. */
  private final class Worker {
    private final Random random;
    private final List<KubeletPod> pods = new ArrayList<>();

    Worker(Random random) {
      this.random = random;
    }

    void work() {
      while (clock.pass(random.nextInt(100))) {
        int dice = random.nextInt(100);
        if (pods.isEmpty() || (dice < 40 && pods.size() < MOST_PODS)) {
          createPod(random.nextBoolean() ? Side.PRIMARY : Side.SECONDARY);
        } else if (dice < 60) {
          remove(pods.get(random.nextInt(pods.size())));
        } else {
          askForStatus(pods.get(random.nextInt(pods.size())));
        }
      }
    }

    private void createPod(Side side) {
      wellOrExcused(
          side,
          () -> {
            String name = "chaos-" + created.incrementAndGet();
            KubeletPod pod = KubeletPod.run(client, side, PodSpecs.pod(pair, side, name), "");
            pods.add(pod);
            sandboxes.stands(pod.id());
            containers.stands(pod.start(PodSpecs.talker("main", "hello")));
          });
    }

    /** One that could not be removed is tried again another time. */
    private void remove(KubeletPod pod) {
      sandboxes.mayGo(pod.id());
      pod.containers().forEach(containers::mayGo);
      if (wellOrExcused(pod.side(), pod::remove)) {
        pods.remove(pod);
        sandboxes.isGone(pod.id());
        pod.containers().forEach(containers::isGone);
      }
    }

    private void askForStatus(KubeletPod pod) {
      if (sandboxes.isStanding(pod.id())) {
        wellOrExcused(
            pod.side(), () -> assertThat(pod.status().getStatus().getId()).isEqualTo(pod.id()));
      }
      for (String container : pod.containers()) {
        if (containers.isStanding(container)) {
          wellOrExcused(
              pod.side(),
              () ->
                  assertThat(pod.status(container).getStatus().getState())
                      .isEqualTo(ContainerState.CONTAINER_RUNNING));
        }
      }
    }
  }
}
