package io.crirouter.core.events;

import com.google.protobuf.ByteString;
import io.crirouter.core.Scheduler;
import io.crirouter.core.backend.Backend;
import io.crirouter.core.backend.SerialExecutor;
import io.crirouter.core.events.PresentState.Item;
import io.crirouter.core.events.PresentState.Listing;
import io.crirouter.core.wire.WireWriter;
import io.crirouter.proto.v1.ContainerEventResponse;
import io.crirouter.proto.v1.ContainerEventType;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Asks one runtime for its lists and tells what they show and was not told. The first comparison
 * tells nothing: clients list for themselves when they begin to listen. When the runtime does not
 * answer, the rest is left to the next comparison. Used within tasks of the serial executor.
 */
final class Comparison {
  /** After that an answer is not waited for any more. */
  static final Duration ANSWER_LIMIT = Duration.ofSeconds(5);

  /** How often the state of a sandbox is asked for that changes while it is asked for. */
  private static final int MAX_QUERIES = 3;

  private final Backend backend;
  private final Told told;
  private final SerialExecutor serial;
  private final Scheduler scheduler;
  private final Owner owner;

  /** The sandboxes whose differences are yet to be told. */
  private final Deque<Map.Entry<String, List<Difference>>> left = new ArrayDeque<>();

  private PresentState present = PresentState.NOTHING;
  private int queries;
  private boolean over;

  /** Who wanted the comparison. */
  interface Owner {
    /** The runtime answered its lists. */
    void listed();

    /** An event was made about the container or sandbox {@code id}, all in the runtime's words. */
    void found(String id, ByteString event);

    /** The comparison is over. */
    void compared();
  }

  Comparison(Backend backend, Told told, SerialExecutor serial, Scheduler scheduler, Owner owner) {
    this.backend = backend;
    this.told = told;
    this.serial = serial;
    this.scheduler = scheduler;
    this.owner = owner;
  }

  void start() {
    told.beginComparison();
    ListQuery.ask(backend, serial, told::number, this::onLists);
  }

  /** Compares with nothing at all instead of asking: tells that everything told is gone. */
  void endAll() {
    told.beginComparison();
    Listing nothing = new Listing(told.number(), Map.of());
    left.addAll(told.differences(new PresentState(nothing, nothing)).entrySet());
    tellNext();
  }

  /** Tells nothing more, and is not over for its owner either. */
  void stop() {
    over = true;
  }

  private void onLists(Optional<PresentState> lists) {
    if (over) {
      return;
    }
    if (!told.hasBegun()) {
      told.begin(lists.orElseGet(() -> ListQuery.lastKnown(backend)));
    }
    if (lists.isPresent()) {
      owner.listed();
      present = lists.get();
      left.addAll(told.differences(present).entrySet());
    }
    tellNext();
  }

  private void tellNext() {
    Map.Entry<String, List<Difference>> next = left.peek();
    if (next == null) {
      end();
      return;
    }
    String id = next.getKey();
    Item sandbox = present.sandboxes().items().get(id);
    List<String> containers = present.containersOf(id);
    ByteString asListed =
        sandbox == null || sandbox.event() == null
            ? SandboxIdentity.after(ContainerEventType.CONTAINER_DELETED_EVENT, told.identity(id))
            : SandboxIdentity.after(sandbox.event(), sandbox.identity());
    long asked = told.number();
    if (sandbox == null && containers.isEmpty()) {
      // A task, not a call: there can be more such sandboxes than fit on a stack.
      ByteString gone = SandboxQuery.fields(asListed);
      serial.execute(() -> onState(asked, Optional.of(gone)));
    } else {
      SandboxQuery.ask(backend, serial, id, asListed, containers, state -> onState(asked, state));
    }
  }

  private void onState(long asked, Optional<ByteString> state) {
    Map.Entry<String, List<Difference>> sandbox = left.peek();
    if (over || sandbox == null) {
      return;
    }
    if (state.isEmpty()) {
      end();
      return;
    }
    queries++;
    // An event that came meanwhile told a state that may be newer than this one.
    boolean outdated = told.isSandboxHeardSince(sandbox.getKey(), asked);
    if (!outdated) {
      sandbox.getValue().forEach(difference -> tell(difference, state.get()));
    }
    if (!outdated || queries == MAX_QUERIES) {
      left.remove();
      queries = 0;
    }
    tellNext();
  }

  private void tell(Difference difference, ByteString state) {
    if (told.tell(difference)) {
      Instant now = scheduler.now();
      owner.found(
          difference.id(),
          new WireWriter()
              .string(ContainerEventResponse.CONTAINER_ID_FIELD_NUMBER, difference.id())
              .number(
                  ContainerEventResponse.CONTAINER_EVENT_TYPE_FIELD_NUMBER,
                  difference.event().getNumber())
              .number(
                  ContainerEventResponse.CREATED_AT_FIELD_NUMBER,
                  TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano())
              .raw(state)
              .toByteString());
    }
  }

  private void end() {
    over = true;
    told.endComparison();
    owner.compared();
  }
}
