package io.crirouter.core.internal.inventory;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.crirouter.core.BackendName;
import io.crirouter.core.IdOwner;
import io.crirouter.proto.v1.ContainerEventResponse;
import io.crirouter.proto.v1.ContainerState;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;

/**
 * What happens to one runtime, at random, and what its inventory learns of it: calls are asked,
 * carried out and answered in any order, and the runtime changes behind the router's back.
 *
 * <p>After every step the inventory must agree with all that the router was told ({@link
 * ConfirmedChanges}) and, while nothing has changed since a complete list was asked for and
 * learned, with all that the runtime has.
 */
final class RandomHistory {
  private static final int MAX_UNDER_WAY = 6;

  /** Some lists break off or are malformed. */
  private static final int MAX_LISTS = 30;

  final SimulatedRuntime runtime;
  private final BackendName name;
  private final Random random;
  private final RandomCalls calls;
  private final List<SimulatedCall> underWay = new ArrayList<>();
  private final ConfirmedChanges confirmed = new ConfirmedChanges();

  /** What has happened, for people. */
  private final List<String> log = new ArrayList<>();

  /**
   * Kinds of which the inventory must have exactly what the runtime has, and since which change.
   */
  private final Map<Kind, Integer> settled = new EnumMap<>(Kind.class);

  private Inventories inventories;
  private Inventory inventory;

  RandomHistory(String name, Random random, Inventories inventories) {
    this.name = BackendName.of(name);
    this.random = random;
    this.runtime = new SimulatedRuntime(random);
    this.calls = new RandomCalls(random, runtime);
    open(inventories);
  }

  /** Begins with what {@code opened} has of the runtime: at first nothing. */
  private void open(Inventories opened) {
    inventories = opened;
    inventory = opened.open(new Origin(IdOwner.of(name, "p"), "/" + name), false);
  }

  Inventory inventory() {
    return inventory;
  }

  /** One thing happens. */
  void step() throws Exception {
    int what = random.nextInt(100);
    if (what < 35 && underWay.size() < MAX_UNDER_WAY) {
      ask(calls.any());
    } else if (what < 75 && !underWay.isEmpty()) {
      proceed(underWay.get(random.nextInt(underWay.size())));
    } else if (what < 85) {
      observeEvent();
    } else if (what < 95) {
      changeBehindTheRoutersBack();
    } else {
      list(calls.kind());
    }
    check();
  }

  private SimulatedCall ask(RandomCalls.Question question) {
    SimulatedCall call =
        new SimulatedCall(question, inventory, random, isQuiet(), runtime.changes());
    if (call.changes()) {
      settled.clear();
    }
    underWay.add(call);
    log.add("asked: " + call);
    return call;
  }

  /** Whether nothing is on its way that could tell of changes; late lists and statuses may be. */
  private boolean isQuiet() {
    return runtime.events.isEmpty() && underWay.stream().noneMatch(SimulatedCall::changes);
  }

  private void proceed(SimulatedCall call) throws Exception {
    if (!call.wasExecuted()) {
      call.execute(runtime);
      log.add("executed: " + call);
      return;
    }
    underWay.remove(call);
    confirmed.beforeAnswer(call, inventory);
    boolean isLearned = call.answer();
    log.add((isLearned ? "answered: " : "failed: ") + call);
    confirmed.afterAnswer(call);
    if (isLearned && call.isComplete() && call.wasAskedInQuiet()) {
      settle(call.kind(), call.changesWhenAsked());
    }
  }

  private void settle(Kind kind, int changes) {
    boolean isStill = isQuiet() && changes == runtime.changes();
    if (isStill) {
      settled.put(kind, changes);
    }
  }

  private void observeEvent() throws Exception {
    ContainerEventResponse event = runtime.events.poll();
    if (event != null) {
      inventory.observeEvent(event.toByteString());
      log.add(
          "heard: "
              + event.getContainerEventType()
              + (event.hasPodSandboxStatus() ? " with status of " : " of ")
              + event.getContainerId());
    }
  }

  private void changeBehindTheRoutersBack() {
    log.add("something else changes the runtime");
    switch (random.nextInt(7)) {
      case 0 -> runtime.runSandbox();
      case 1 -> runtime.any(runtime.sandboxes.keySet()).ifPresent(runtime::createContainer);
      case 2 ->
          runtime
              .any(runtime.containers.keySet())
              .ifPresent(id -> runtime.setState(id, ContainerState.CONTAINER_EXITED));
      case 3 -> runtime.any(runtime.containers.keySet()).ifPresent(runtime::removeContainer);
      case 4 -> runtime.any(runtime.sandboxes.keySet()).ifPresent(runtime::removeSandbox);
      case 5 -> runtime.any(runtime.images.keySet()).ifPresent(runtime::removeImage);
      default -> runtime.pullImage();
    }
  }

  /** Asks for a complete list, which is answered before anything else happens. */
  void list(Kind kind) throws Exception {
    SimulatedCall call = ask(calls.all(kind));
    while (underWay.contains(call)) {
      proceed(call);
    }
  }

  /** Everything under way is answered, and then all is listed once more. */
  void end() throws Exception {
    while (!underWay.isEmpty() || !runtime.events.isEmpty()) {
      if (!underWay.isEmpty()) {
        proceed(underWay.get(0));
      }
      observeEvent();
      check();
    }
    for (Kind kind : Kind.values()) {
      for (int i = 0; i < MAX_LISTS && !settled.containsKey(kind); i++) {
        list(kind);
      }
      assertThat(settled).as("a list that came while nothing happened").containsKey(kind);
    }
    check();
  }

  /** The router ends, which ends all calls, and begins anew with what it had saved. */
  void restart(Supplier<Inventories> anew) throws Exception {
    log.add("restart");
    underWay.clear();
    runtime.events.clear();
    Map<Kind, Object> before = answers();
    int uncertain = inventory.uncertainCreations();
    inventories.state().close();
    open(anew.get());
    assertThat(answers()).as("answers after a restart").isEqualTo(before);
    assertThat(inventory.uncertainCreations()).isEqualTo(uncertain);
    check();
  }

  private Map<Kind, Object> answers() throws Exception {
    Map<Kind, Object> answers = new EnumMap<>(Kind.class);
    for (Kind kind : Kind.values()) {
      ByteString answer = inventory.answer(kind, ByteString.EMPTY);
      answers.put(kind, answer == null ? "never listed" : ListedObjects.of(kind, answer));
    }
    return answers;
  }

  private void check() throws Exception {
    settled.values().removeIf(changes -> changes != runtime.changes());
    for (Kind kind : settled.keySet()) {
      assertThat(ListedObjects.of(kind, inventory.answer(kind, ByteString.EMPTY)))
          .as("%ss, nothing having changed since they were listed", kind)
          .isEqualTo(ListedObjects.of(kind, runtime));
      ByteString filtered = calls.filtered(kind);
      assertThat(ListedObjects.of(kind, inventory.answer(kind, filtered)))
          .isEqualTo(ListedObjects.of(kind, calls.list(kind, filtered)));
    }
    confirmed.check(inventory, runtime);
  }

  @Override
  public String toString() {
    return String.join("\n", log);
  }
}
