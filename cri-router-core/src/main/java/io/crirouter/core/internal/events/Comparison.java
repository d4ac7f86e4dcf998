package io.crirouter.core.internal.events;

import com.google.protobuf.ByteString;
import io.crirouter.core.internal.backend.Backend;
import io.crirouter.core.internal.events.PresentState.Item;
import io.crirouter.core.internal.events.PresentState.Listing;
import io.crirouter.core.internal.wire.WireWriter;
import io.crirouter.proto.v1.ContainerEventResponse;
import io.crirouter.proto.v1.ContainerEventType;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Lists the objects of one runtime and makes events of the differences to the delivered states. The
 * first comparison makes none, because clients list for themselves when they subscribe. If the
 * runtime does not answer, or sends too many events meanwhile, the next comparison makes the
 * remaining ones. Used only in {@link SerialTasks}.
 */
final class Comparison {
  /** How often the state of a sandbox is queried if it changes meanwhile. */
  private static final int MAX_QUERIES = 3;

  private final EventFeed feed;
  private final Backend backend;
  private final DeliveredStates delivered;
  private final SerialTasks tasks;

  /** The sandboxes whose differences are not delivered yet. */
  private final Deque<Map.Entry<String, List<Difference>>> pending = new ArrayDeque<>();

  private PresentState present = PresentState.NOTHING;
  private int queries;
  private boolean isOver;

  Comparison(EventFeed feed, Backend backend, DeliveredStates delivered, SerialTasks tasks) {
    this.feed = feed;
    this.backend = backend;
    this.delivered = delivered;
    this.tasks = tasks;
  }

  void start() {
    delivered.beginComparison();
    new ListQuery(backend, tasks, delivered::number, this::onLists).start();
  }

  /** Makes an event of deletion for every delivered object, without a query. */
  void reportAllGone() {
    delivered.beginComparison();
    Listing nothing = new Listing(delivered.number(), Map.of());
    pending.addAll(delivered.differences(new PresentState(nothing, nothing)).entrySet());
    deliverNext();
  }

  /** Stops without any further call of the feed. */
  void stop() {
    isOver = true;
  }

  private void onLists(Optional<PresentState> lists) {
    if (isOver) {
      return;
    }
    if (!delivered.hasBegun()) {
      delivered.begin(lists.orElseGet(() -> PresentState.lastKnown(backend)));
    }
    if (lists.isPresent()) {
      feed.listed();
      present = lists.get();
      pending.addAll(delivered.differences(present).entrySet());
    }
    deliverNext();
  }

  private void deliverNext() {
    Map.Entry<String, List<Difference>> next = pending.peek();
    if (next == null) {
      end();
      return;
    }
    String id = next.getKey();
    Item sandbox = present.sandboxes().items().get(id);
    List<String> containers = present.containersOf(id);
    ByteString asListed =
        sandbox == null || sandbox.event() == null
            ? SandboxIdentity.after(
                ContainerEventType.CONTAINER_DELETED_EVENT, delivered.identity(id))
            : SandboxIdentity.after(sandbox.event(), sandbox.identity());
    long asked = delivered.number();
    if (sandbox == null && containers.isEmpty()) {
      // A task, not a call: there can be more such sandboxes than fit on a stack.
      ByteString gone = SandboxQuery.fields(asListed);
      tasks.execute(() -> onState(asked, Optional.of(gone)));
    } else {
      SandboxQuery.Subject subject = new SandboxQuery.Subject(id, asListed, containers);
      new SandboxQuery(backend, tasks, subject, state -> onState(asked, state)).start();
    }
  }

  private void onState(long asked, Optional<ByteString> state) {
    Map.Entry<String, List<Difference>> sandbox = pending.peek();
    if (isOver || sandbox == null) {
      return;
    }
    if (state.isEmpty() || delivered.isOverrun()) {
      end();
      return;
    }
    queries++;
    // An event that arrived meanwhile delivered a state that may be newer than this one.
    boolean outdated = delivered.isSandboxReceivedSince(sandbox.getKey(), asked);
    if (!outdated) {
      sandbox.getValue().forEach(difference -> deliver(difference, state.get()));
    }
    if (!outdated || queries == MAX_QUERIES) {
      pending.remove();
      queries = 0;
    }
    deliverNext();
  }

  private void deliver(Difference difference, ByteString state) {
    if (delivered.deliver(difference)) {
      Instant now = tasks.now();
      feed.found(
          difference,
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
    isOver = true;
    delivered.endComparison();
    feed.compared();
  }
}
