package io.crirouter.core.internal.events;

import static java.util.Comparator.comparingInt;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toList;

import com.google.protobuf.ByteString;
import io.crirouter.core.internal.call.SharedLimit;
import io.crirouter.core.internal.events.PresentState.Item;
import io.crirouter.core.internal.events.PresentState.Listing;
import io.crirouter.core.internal.events.StateTable.Entry;
import io.crirouter.core.internal.inventory.Limits;
import io.crirouter.proto.v1.ContainerEventType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The states of one runtime's sandboxes and containers that were last delivered to clients, with
 * the runtime's ids.
 *
 * <p>Events are numbered as they arrive, and each list has the number at which it was requested. A
 * list does not count for an object about which an event arrived after that. States only advance
 * (created, started, stopped, deleted). So an event is late, and is not delivered, if a list has
 * already shown its state or a later one.
 *
 * <p>Bounded: the states of objects beyond that are delivered as they are received, and not found
 * by lists. Not thread-safe.
 */
final class DeliveredStates {
  /** Late events are recognised for this number of deleted containers. */
  private static final int REMEMBERED_DELETIONS = 1000;

  private final StateTable states;

  /** The objects whose deletion was found by a list, oldest first. */
  private final Set<String> deletedByList = new LinkedHashSet<>();

  private final ReceivedNumbers received = new ReceivedNumbers();
  private long number;
  private boolean comparing;
  private boolean begun;

  /**
   * No states.
   *
   * @param limit limits them
   */
  DeliveredStates(SharedLimit limit) {
    states = new StateTable(limit.share());
  }

  /** Called when they are no longer used. */
  void close() {
    states.close();
  }

  /** The number of events received so far, which is the number of a list that is requested now. */
  long number() {
    return number;
  }

  /** Whether {@link #begin} was called. */
  boolean hasBegun() {
    return begun;
  }

  /**
   * Starts with the states that clients know from their own lists, except those that events
   * delivered meanwhile.
   */
  void begin(PresentState known) {
    begun = true;
    for (Difference difference : undelivered(known)) {
      if (states.get(difference.ofSandbox(), difference.id()) == null) {
        put(difference, false);
      }
    }
  }

  /** Called before lists are requested. */
  void beginComparison() {
    comparing = true;
  }

  /** Called when no list is under way any more. */
  void endComparison() {
    comparing = false;
    received.clear();
  }

  /** Whether so many events arrived meanwhile that the lists under way count for nothing. */
  boolean isOverrun() {
    return received.isFull();
  }

  /**
   * Records an event that is to be delivered; null if it is late and must not be delivered. Events
   * of objects whose ids are too long are delivered, but not recorded.
   */
  @Nullable EventSubject receive(ReceivedEvent event) {
    boolean ofSandbox = event.isOfSandbox() || states.get(true, event.id()) != null;
    Entry before = states.get(ofSandbox, event.id());
    if (isLate(event, before)) {
      return null;
    }
    ByteString identity = ofSandbox ? identityOf(event, before) : ByteString.EMPTY;
    EventSubject subject =
        new EventSubject(ofSandbox, event.id(), sandboxOf(event, before), identity);
    if (subject.canBeKept()) {
      record(subject, event.type());
    }
    return subject;
  }

  private void record(EventSubject subject, @Nullable ContainerEventType type) {
    number++;
    if (comparing) {
      received.put(subject.id(), subject.sandbox(), number);
    }
    if (type == ContainerEventType.CONTAINER_DELETED_EVENT) {
      states.remove(subject.ofSandbox(), subject.id());
    } else if (type != null) {
      states.put(new Entry(subject, type, false, false));
    }
  }

  private boolean isLate(ReceivedEvent event, @Nullable Entry before) {
    ContainerEventType type = event.type();
    if (type == null) {
      return false;
    }
    return before == null
        ? deletedByList.contains(event.id())
        : before.byList() && type.getNumber() <= before.last().getNumber();
  }

  private static String sandboxOf(ReceivedEvent event, @Nullable Entry before) {
    if (Limits.isId(event.sandbox())) {
      return event.sandbox();
    }
    return before == null ? "" : before.subject().sandbox();
  }

  private static ByteString identityOf(ReceivedEvent event, @Nullable Entry before) {
    if (before != null && !before.subject().identity().isEmpty()) {
      return before.subject().identity();
    }
    return event.isOfSandbox() ? SandboxIdentity.ofStatus(event.status()) : ByteString.EMPTY;
  }

  /**
   * Records that some client did not get the last event about {@code subject}. The next comparison
   * finds its state as a difference.
   */
  void lost(EventSubject subject) {
    Entry before = states.get(subject.ofSandbox(), subject.id());
    states.put(
        before == null
            ? new Entry(subject, ContainerEventType.CONTAINER_DELETED_EVENT, false, true)
            : new Entry(before.subject(), before.last(), before.byList(), true));
  }

  /** Whether there are states that some client did not get. */
  boolean hasLost() {
    return states.hasLost();
  }

  /** The identity of a sandbox, as far as known. */
  ByteString identity(String sandbox) {
    return states.identity(sandbox);
  }

  /** The differences to be delivered, by sandbox and in order. */
  Map<String, List<Difference>> differences(PresentState present) {
    List<Difference> all = undelivered(present);
    addGone(false, present.containers(), all);
    addGone(true, present.sandboxes(), all);
    return all.stream()
        .sorted(comparingInt(Difference::place))
        .collect(groupingBy(Difference::sandbox, LinkedHashMap::new, toList()));
  }

  private List<Difference> undelivered(PresentState present) {
    List<Difference> all = new ArrayList<>();
    addUndelivered(true, present.sandboxes(), all);
    addUndelivered(false, present.containers(), all);
    return all;
  }

  private void addUndelivered(boolean ofSandbox, Listing listing, List<Difference> into) {
    for (Map.Entry<String, Item> listed : listing.items().entrySet()) {
      Item item = listed.getValue();
      EventSubject subject =
          new EventSubject(ofSandbox, listed.getKey(), item.sandbox(), item.identity());
      ContainerEventType event = item.event();
      if (event != null && states.hasRoomFor(subject)) {
        add(subject, event, listing.asked(), into);
      }
    }
  }

  private void addGone(boolean ofSandbox, Listing listing, List<Difference> into) {
    states.forEach(
        ofSandbox,
        entry -> {
          EventSubject subject = entry.subject();
          if (!listing.items().containsKey(subject.id())) {
            add(subject, ContainerEventType.CONTAINER_DELETED_EVENT, listing.asked(), into);
          }
        });
  }

  private void add(
      EventSubject subject, ContainerEventType event, long asked, List<Difference> into) {
    Entry last = states.get(subject.ofSandbox(), subject.id());
    boolean isSame = last != null && last.last() == event;
    boolean isLost = last != null && last.isLost();
    if ((isLost || !isSame) && !received.isObjectNewerThan(subject.id(), asked)) {
      into.add(new Difference(subject, event, asked, isSame));
    }
  }

  /**
   * Records a difference that is to be delivered; false if an event has delivered a newer state.
   */
  boolean deliver(Difference difference) {
    if (received.isObjectNewerThan(difference.id(), difference.asked())) {
      return false;
    }
    deletedByList.remove(difference.id());
    if (difference.isDeletion()) {
      states.remove(difference.ofSandbox(), difference.id());
      deletedByList.add(difference.id());
      if (deletedByList.size() > REMEMBERED_DELETIONS) {
        deletedByList.remove(deletedByList.iterator().next());
      }
    } else {
      put(difference, true);
    }
    return true;
  }

  private void put(Difference difference, boolean byList) {
    states.put(new Entry(difference.subject(), difference.event(), byList, false));
  }

  /**
   * Whether an event that arrived after the number {@code asked} delivered the state of a sandbox.
   */
  boolean isSandboxReceivedSince(String sandbox, long asked) {
    return received.isSandboxNewerThan(sandbox, asked);
  }
}
