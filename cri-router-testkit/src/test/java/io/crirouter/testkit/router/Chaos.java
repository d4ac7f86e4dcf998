package io.crirouter.testkit.router;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.crirouter.core.CriMethod;
import io.crirouter.core.CriRequest;
import io.crirouter.core.IdStrategy;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.StateStore;
import io.crirouter.proto.v1.ListPodSandboxRequest;
import io.crirouter.proto.v1.ListPodSandboxResponse;
import io.crirouter.proto.v1.PodSandbox;
import io.crirouter.proto.v1.PodSandboxStatusRequest;
import io.crirouter.proto.v1.RemovePodSandboxRequest;
import io.crirouter.proto.v1.RunPodSandboxRequest;
import io.crirouter.proto.v1.RunPodSandboxResponse;
import io.crirouter.testkit.FakeRuntime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;

/** One course of events, and what must hold in all of them. */
final class Chaos implements AutoCloseable {
  private static final List<String> NAMES = List.of("containerd", "virtlet.cloud", "kata.local");
  private static final Duration STEP = Duration.ofMillis(50);
  private static final Duration LIST_BUDGET = Duration.ofMillis(500);
  private static final Duration CALL_DEADLINE = Duration.ofMinutes(2);
  private static final Duration A_WHILE = Duration.ofSeconds(1);
  private static final int MOST_PODS = 300;

  private final Random random;
  private final SimulatedNode node = SimulatedNode.of(NAMES.toArray(String[]::new));
  private final Map<String, Pod> pods = new HashMap<>();
  private final List<Call> open = new ArrayList<>();
  private long primaryTroubledUntil;
  private int created;
  private int notCreated;
  private long listsChecked;

  /** A pod that was created through the router, and what has been asked about it since. */
  private static final class Pod {
    private final long createdAt;
    private long removalAskedAt = Long.MAX_VALUE;
    private long removedAt = Long.MAX_VALUE;

    Pod(long createdAt) {
      this.createdAt = createdAt;
    }
  }

  /** A call under way, and what to do with its end. */
  private record Call(RawCall raw, String name, long startedAt, Consumer<RawCall> whenDone) {}

  Chaos(long seed, IdStrategy ids) {
    this(seed, ids, StateStore.NONE);
  }

  /** One whose router keeps what it knows in {@code store}. */
  Chaos(long seed, IdStrategy ids, StateStore store) {
    random = new Random(seed);
    node.withStore(store).configured(builder -> builder.ids(ids)).startRouter();
  }

  /** Pods whose creation failed; the router remembers where those may be nevertheless. */
  int notCreated() {
    return notCreated;
  }

  /**
   * What the router holds beyond what it knows.
   *
   * @param callsToIt those that have not ended
   * @param callsToRuntimes those of its own that have not ended
   * @param tasks what it is going to do
   */
  record Held(int callsToIt, long callsToRuntimes, int tasks) {}

  Held held() {
    long callsToRuntimes =
        NAMES.stream()
            .flatMap(name -> node.runtime(name).journal().calls().stream())
            .filter(call -> call.status().isEmpty())
            .count();
    return new Held(open.size(), callsToRuntimes, node.time().pendingTasks());
  }

  /** Lets all runtimes be well, removes all pods and waits until nothing is under way. */
  void comeToRest() {
    NAMES.forEach(this::heal);
    restFor(CALL_DEADLINE);
    for (PodSandbox pod : node.sandboxes()) {
      call(
          "RemovePodSandbox",
          RemovePodSandboxRequest.newBuilder().setPodSandboxId(pod.getId()).build(),
          done -> assertThat(done.status().isOk()).as("%s", done.status()).isTrue());
    }
    restFor(CALL_DEADLINE);
    assertThat(node.sandboxes()).isEmpty();
    assertThat(node.containers()).isEmpty();
    restFor(CALL_DEADLINE);
  }

  private void restFor(Duration length) {
    for (long step = 0; step < length.dividedBy(A_WHILE); step++) {
      node.advance(A_WHILE);
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
        something();
      }
      if (step % stepsASecond == 0) {
        list();
      }
      node.advance(STEP);
      settle();
    }
  }

  private long now() {
    return node.time().nanoTime();
  }

  private void something() {
    int dice = random.nextInt(100);
    if (dice < 45) {
      createPod();
    } else if (dice < 65) {
      withSomePod(this::removePod);
    } else if (dice < 90) {
      withSomePod(this::askForStatus);
    } else {
      trouble();
    }
  }

  private void trouble() {
    String name = NAMES.get(random.nextInt(NAMES.size()));
    FakeRuntime runtime = node.runtime(name);
    if (name.equals(NAMES.get(0))) {
      primaryTroubledUntil = Long.MAX_VALUE;
    }
    switch (random.nextInt(5)) {
      case 0 -> runtime.down();
      case 1 -> runtime.hang();
      case 2 -> runtime.failNext("ListPodSandbox", Code.UNKNOWN, "chaos");
      case 3 -> runtime.delay("ListPodSandbox", Duration.ofMillis(random.nextInt(3000)));
      default -> runtime.loseNextAnswer("RunPodSandbox");
    }
    Duration lasts = Duration.ofMillis(100 + random.nextInt(20_000));
    node.time().schedule(lasts, () -> heal(name));
  }

  private void heal(String name) {
    FakeRuntime runtime = node.runtime(name);
    runtime.up();
    runtime.resume();
    runtime.heal();
    if (name.equals(NAMES.get(0))) {
      primaryTroubledUntil = now() + Duration.ofSeconds(6).toNanos();
    }
  }

  private void call(String rpc, Message request, Consumer<RawCall> whenDone) {
    CriRequest call =
        CriRequest.of(CriMethod.of(rpc), request.toByteString())
            .withTimeoutNanos(CALL_DEADLINE.toNanos());
    open.add(new Call(RawCall.start(node.router(), call), rpc, now(), whenDone));
  }

  /** Looks at the calls that have ended; gives up those that a kubelet would give up. */
  private void settle() {
    for (Call call : List.copyOf(open)) {
      if (call.raw.isOver()) {
        open.remove(call);
        call.whenDone.accept(call.raw);
      } else if (now() - call.startedAt > CALL_DEADLINE.toNanos()) {
        call.raw.cancel("deadline");
        assertThat(call.raw.isOver()).as("%s ends at its deadline", call.name).isTrue();
      }
    }
    assertThat(open).as("calls under way").hasSizeLessThan(2000);
  }

  private void createPod() {
    if (pods.size() >= MOST_PODS) {
      return;
    }
    String name = "pod-" + created++;
    String target = NAMES.get(random.nextInt(NAMES.size()));
    call(
        "RunPodSandbox",
        RunPodSandboxRequest.newBuilder().setConfig(SimulatedNode.pod(name, target)).build(),
        done -> {
          if (done.status().isOk()) {
            pods.put(parseId(done), new Pod(now()));
          } else {
            notCreated++;
          }
        });
  }

  private static String parseId(RawCall done) {
    try {
      return RunPodSandboxResponse.parseFrom(done.answer()).getPodSandboxId();
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }

  private void withSomePod(Consumer<String> action) {
    if (!pods.isEmpty()) {
      List<String> ids = new ArrayList<>(pods.keySet());
      ids.sort(null);
      action.accept(ids.get(random.nextInt(ids.size())));
    }
  }

  private void removePod(String id) {
    Pod pod = pods.get(id);
    if (pod == null || pod.removalAskedAt != Long.MAX_VALUE) {
      return;
    }
    pod.removalAskedAt = now();
    call(
        "RemovePodSandbox",
        RemovePodSandboxRequest.newBuilder().setPodSandboxId(id).build(),
        done -> {
          if (done.status().isOk()) {
            pod.removedAt = now();
          }
        });
  }

  private void askForStatus(String id) {
    Pod pod = pods.get(id);
    if (pod == null || pod.removalAskedAt != Long.MAX_VALUE) {
      return;
    }
    call(
        "PodSandboxStatus",
        PodSandboxStatusRequest.newBuilder().setPodSandboxId(id).build(),
        done -> {
          RpcStatus status = done.status();
          if (pod.removalAskedAt == Long.MAX_VALUE) {
            assertThat(status.code())
                .as("status of the existing pod %s: %s", id, status)
                .isNotEqualTo(Code.NOT_FOUND);
          }
        });
  }

  private void list() {
    long askedAt = now();
    boolean primaryWell = askedAt >= primaryTroubledUntil;
    call(
        "ListPodSandbox",
        ListPodSandboxRequest.getDefaultInstance(),
        done -> {
          if (primaryWell && askedAt >= primaryTroubledUntil) {
            assertThat(Duration.ofNanos(now() - askedAt))
                .as("time for a list with a primary that is well")
                .isLessThanOrEqualTo(LIST_BUDGET.plus(STEP));
            assertThat(done.status().isOk())
                .as("a list with a primary that is well: %s", done.status())
                .isTrue();
          }
          if (done.status().isOk()) {
            check(done, askedAt);
          }
        });
  }

  private void check(RawCall done, long askedAt) {
    listsChecked++;
    Map<String, Integer> seen = new HashMap<>();
    try {
      for (PodSandbox item : ListPodSandboxResponse.parseFrom(done.answer()).getItemsList()) {
        seen.merge(item.getId(), 1, Integer::sum);
      }
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
    seen.forEach((id, count) -> assertThat(count).as("how often %s is listed", id).isEqualTo(1));
    Iterator<Map.Entry<String, Pod>> all = pods.entrySet().iterator();
    while (all.hasNext()) {
      Map.Entry<String, Pod> entry = all.next();
      Pod pod = entry.getValue();
      if (pod.createdAt <= askedAt && pod.removalAskedAt == Long.MAX_VALUE) {
        assertThat(seen).as("pods listed at %d ms", now() / 1_000_000).containsKey(entry.getKey());
      } else if (pod.removedAt < askedAt) {
        assertThat(seen)
            .as("pods listed at %d ms after removal", now() / 1_000_000)
            .doesNotContainKey(entry.getKey());
        all.remove();
      }
    }
  }

  @Override
  public void close() {
    node.close();
  }
}
