package io.crirouter.testkit.router;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.crirouter.core.IdStrategy;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.StateStore;
import io.crirouter.proto.v1.ListPodSandboxRequest;
import io.crirouter.proto.v1.ListPodSandboxResponse;
import io.crirouter.proto.v1.PodSandbox;
import io.crirouter.proto.v1.PodSandboxStatusRequest;
import io.crirouter.proto.v1.PodSandboxStatusResponse;
import io.crirouter.proto.v1.RemovePodSandboxRequest;
import io.crirouter.proto.v1.RemovePodSandboxResponse;
import io.crirouter.proto.v1.RunPodSandboxRequest;
import io.crirouter.proto.v1.RunPodSandboxResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Consumer;

/** One chaos run with its invariants. */
final class Chaos implements AutoCloseable {
  private static final Duration STEP = Duration.ofMillis(50);
  private static final Duration LIST_BUDGET = Duration.ofMillis(500);

  /** The maximum retention of removed ids and former names of runtimes. */
  private static final Duration RETENTION = Duration.ofMinutes(11);

  private static final Duration A_WHILE = Duration.ofSeconds(1);
  private static final int MAX_PODS = 300;
  private static final int FAULTS_PER_RESTART = 50;

  private final Random random;
  private final ChaosNode node;
  private final ChaosFaults faults;
  private final ChaosCalls calls;

  /** The pods by their ids at the runtime, because their ids for clients may change. */
  private final Map<String, ChaosPod> pods = new HashMap<>();

  private int created;
  private int notCreated;
  private int restarts;
  private long listsChecked;

  /** A run whose router keeps its state in {@code store} over restarts. */
  Chaos(long seed, IdStrategy ids, StateStore store) {
    random = new Random(seed);
    node = new ChaosNode(ids, store);
    faults = new ChaosFaults(random, node);
    calls = new ChaosCalls(node);
  }

  /** The number of failed creations, whose possible placements the router keeps. */
  int notCreated() {
    return notCreated;
  }

  /** The number of restarts of the router. */
  int restarts() {
    return restarts;
  }

  /**
   * The open calls and tasks of the router.
   *
   * @param callsToIt open calls of the client
   * @param callsToRuntimes open calls to runtimes
   * @param tasks scheduled tasks
   */
  record Held(int callsToIt, long callsToRuntimes, int tasks) {}

  Held held() {
    long callsToRuntimes = 0;
    for (int i = 0; i < node.runtimes(); i++) {
      callsToRuntimes +=
          node.runtime(i).journal().calls().stream()
              .filter(call -> call.status().isEmpty())
              .count();
    }
    return new Held(calls.open(), callsToRuntimes, node.time().pendingTasks());
  }

  /** Heals all runtimes, removes all pods and waits until no call is open. */
  void awaitQuiescence() {
    faults.healAll();
    advance(ChaosCalls.DEADLINE);
    for (PodSandbox pod : sandboxes()) {
      calls.start(
          "RemovePodSandbox",
          RemovePodSandboxRequest.newBuilder().setPodSandboxId(pod.getId()).build(),
          done -> assertThat(done.status().isOk()).as("%s", done.status()).isTrue());
    }
    advance(ChaosCalls.DEADLINE);
    assertThat(sandboxes()).isEmpty();
    advance(RETENTION);
  }

  private List<PodSandbox> sandboxes() {
    RawCall list = RawCall.start(node.router(), "ListPodSandbox", ByteString.EMPTY);
    assertThat(list.isClosed()).as("a list is there at once").isTrue();
    return ChaosCalls.parse(ListPodSandboxResponse.parser(), list).orElseThrow().getItemsList();
  }

  private void settle() {
    calls.settle();
    assertThat(node.strayCalls()).as("calls that reached another runtime").isEmpty();
  }

  private void advance(Duration length) {
    for (long step = 0; step < length.dividedBy(A_WHILE); step++) {
      node.time().advance(A_WHILE);
      settle();
    }
  }

  long listsChecked() {
    return listsChecked;
  }

  void run(Duration length) {
    long steps = length.dividedBy(STEP);
    long stepsASecond = Duration.ofSeconds(1).dividedBy(STEP);
    for (long step = 0; step < steps; step++) {
      if (random.nextInt(4) == 0) {
        randomAction();
      }
      if (step % stepsASecond == 0) {
        list();
      }
      node.time().advance(STEP);
      settle();
    }
  }

  private long now() {
    return node.time().nanoTime();
  }

  private void randomAction() {
    int dice = random.nextInt(100);
    if (dice < 45) {
      createPod();
    } else if (dice < 65) {
      withRandomPod(this::removePod);
    } else if (dice < 90) {
      withRandomPod(this::getStatus);
    } else if (random.nextInt(FAULTS_PER_RESTART) == 0) {
      restart();
    } else {
      faults.begin();
    }
  }

  /** Restarts the router. The open calls of the client end. */
  private void restart() {
    restarts++;
    calls.cancelAll();
    if (random.nextBoolean()) {
      node.restartWithOtherNames(random);
    } else {
      node.restart();
    }
  }

  private void createPod() {
    if (pods.size() >= MAX_PODS) {
      return;
    }
    String name = "pod-" + created++;
    int runtime = random.nextInt(node.runtimes());
    calls.start(
        "RunPodSandbox",
        RunPodSandboxRequest.newBuilder()
            .setConfig(SimulatedNode.pod(name, node.name(runtime)))
            .build(),
        done -> created(done, runtime));
  }

  private void created(RawCall done, int runtime) {
    Optional<RunPodSandboxResponse> answer = ChaosCalls.parse(RunPodSandboxResponse.parser(), done);
    assertThat(answer.isPresent() || !done.status().isOk() || faults.isFaulty(runtime))
        .as("a healthy runtime answers well-formed")
        .isTrue();
    if (answer.isPresent()) {
      String id = answer.get().getPodSandboxId();
      pods.put(ChaosNode.nativeId(id), new ChaosPod(runtime, id, now()));
    } else {
      notCreated++;
    }
  }

  private void withRandomPod(Consumer<ChaosPod> action) {
    if (!pods.isEmpty()) {
      List<String> ids = new ArrayList<>(pods.keySet());
      ids.sort(null);
      ChaosPod pod = pods.get(ids.get(random.nextInt(ids.size())));
      if (pod != null && pod.removalRequestedAt == Long.MAX_VALUE) {
        action.accept(pod);
      }
    }
  }

  private void removePod(ChaosPod pod) {
    pod.removalRequestedAt = now();
    calls.start(
        "RemovePodSandbox",
        RemovePodSandboxRequest.newBuilder().setPodSandboxId(pod.id).build(),
        done -> {
          if (ChaosCalls.parse(RemovePodSandboxResponse.parser(), done).isPresent()) {
            pod.removedAt = now();
          }
        });
  }

  private void getStatus(ChaosPod pod) {
    String id = pod.id;
    calls.start(
        "PodSandboxStatus",
        PodSandboxStatusRequest.newBuilder().setPodSandboxId(id).build(),
        done -> {
          if (pod.removalRequestedAt == Long.MAX_VALUE) {
            assertThat(done.status().code())
                .as("status of the existing pod %s: %s", id, done.status())
                .isNotEqualTo(Code.NOT_FOUND);
          }
          ChaosCalls.parse(PodSandboxStatusResponse.parser(), done)
              .ifPresent(
                  answer ->
                      assertThat(answer.getStatus().getId())
                          .as("the id in the status")
                          .isEqualTo(id));
        });
  }

  private void list() {
    long askedAt = now();
    boolean primaryWell = !faults.isFaulty(0);
    calls.start(
        "ListPodSandbox",
        ListPodSandboxRequest.getDefaultInstance(),
        done -> {
          Optional<ListPodSandboxResponse> answer =
              ChaosCalls.parse(ListPodSandboxResponse.parser(), done);
          boolean stopped = done.status().code() == Code.CANCELLED;
          if (primaryWell && !faults.isFaulty(0) && !stopped) {
            assertThat(Duration.ofNanos(now() - askedAt))
                .as("time for a list with a healthy primary")
                .isLessThanOrEqualTo(LIST_BUDGET.plus(STEP));
            assertThat(answer)
                .as("a list with a primary that is well: %s", done.status())
                .isPresent();
          }
          answer.ifPresent(list -> check(list, askedAt));
        });
  }

  private void check(ListPodSandboxResponse list, long askedAt) {
    listsChecked++;
    Map<String, String> seen = new HashMap<>();
    for (PodSandbox item : list.getItemsList()) {
      String before = seen.put(ChaosNode.nativeId(item.getId()), item.getId());
      assertThat(before).as("listed twice: %s and", item.getId()).isNull();
    }
    Iterator<Map.Entry<String, ChaosPod>> all = pods.entrySet().iterator();
    while (all.hasNext()) {
      Map.Entry<String, ChaosPod> entry = all.next();
      ChaosPod pod = entry.getValue();
      String id = seen.get(entry.getKey());
      if (pod.createdAt <= askedAt && pod.removalRequestedAt == Long.MAX_VALUE) {
        assertThat(id)
            .as("pod %s of %s in a list at %d ms", pod.id, node.name(pod.runtime), millis())
            .isNotNull();
        pod.id = id;
      } else if (pod.removedAt < askedAt) {
        assertThat(id).as("pod that was removed, in a list at %d ms", millis()).isNull();
        all.remove();
      }
    }
  }

  private long millis() {
    return now() / 1_000_000;
  }

  @Override
  public void close() {
    node.close();
  }
}
