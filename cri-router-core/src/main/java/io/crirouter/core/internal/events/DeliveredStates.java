package io.crirouter.core.internal.events;

import static java.util.Comparator.comparingInt;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toList;

import com.google.protobuf.ByteString;
import io.crirouter.core.internal.events.PresentState.Item;
import io.crirouter.core.internal.events.PresentState.Listing;
import io.crirouter.core.internal.inventory.Limits;
import io.crirouter.proto.v1.ContainerEventType;
import java.util.ArrayList;
import java.util.HashMap;
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
 * <p>Not thread-safe.
 */
final class DeliveredStates {
  /** Late events are recognised for this number of deleted containers. */
  private static final int REMEMBERED_DELETIONS = 1000;

  private final Map<String, Entry> sandboxes = new LinkedHashMap<>();
  private final Map<String, Entry> containers = new LinkedHashMap<>();

  /** The objects whose deletion was found by a list, oldest first. */
  private final Set<String> deletedByList = new LinkedHashSet<>();

  /** The number of the last event about each container or sandbox, while lists are under way. */
  private final Map<String, Long> received = new HashMap<>();

  /** The number of the last event with the state of each sandbox, while lists are under way. */
  private final Map<String, Long> receivedSandboxes = new HashMap<>();

  private long number;
  private boolean comparing;
  private boolean begun;

  /**
   * The delivered state of one sandbox or container.
   *
   * @param byList whether it was found by comparing lists, rather than received in an event
   * @param sandbox the sandbox it belongs to, or is; empty if unknown
   * @param identity of a sandbox, see {@link SandboxIdentity}; else empty
   */
  private record Entry(
      ContainerEventType last, boolean byList, String sandbox, ByteString identity) {}

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
      if (!kind(difference).containsKey(difference.id())) {
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
    receivedSandboxes.clear();
  }

  /**
   * Records an event that is to be delivered; false if it is late and must not be delivered. Events
   * of objects whose ids are too long are delivered, but not recorded.
   */
  boolean receive(ReceivedEvent event) {
    if (!Limits.isId(event.id())) {
      return true;
    }
    boolean ofSandbox = event.isOfSandbox() || sandboxes.containsKey(event.id());
    Map<String, Entry> kind = ofSandbox ? sandboxes : containers;
    Entry before = kind.get(event.id());
    if (isLate(event, before)) {
      return false;
    }
    number++;
    if (comparing) {
      received.put(event.id(), number);
      receivedSandboxes.put(sandboxOf(event, before), number);
    }
    ContainerEventType type = event.type();
    if (type == ContainerEventType.CONTAINER_DELETED_EVENT) {
      kind.remove(event.id());
    } else if (type != null) {
      ByteString identity = ofSandbox ? identityOf(event, before) : ByteString.EMPTY;
      kind.put(event.id(), new Entry(type, false, sandboxOf(event, before), identity));
    }
    return true;
  }

  private boolean isLate(ReceivedEvent event, @Nullable Entry before) {
    ContainerEventType type = event.type();
    if (type == null) {
      return false;
    }
    return before == null
        ? deletedByList.contains(event.id())
        : before.byList && type.getNumber() <= before.last.getNumber();
  }

  private static String sandboxOf(ReceivedEvent event, @Nullable Entry before) {
    if (Limits.isId(event.sandbox())) {
      return event.sandbox();
    }
    return before == null ? "" : before.sandbox;
  }

  private static ByteString identityOf(ReceivedEvent event, @Nullable Entry before) {
    if (before != null && !before.identity.isEmpty()) {
      return before.identity;
    }
    return event.isOfSandbox() ? SandboxIdentity.ofStatus(event.status()) : ByteString.EMPTY;
  }

  /** The identity of a sandbox, as far as known. */
  ByteString identity(String sandbox) {
    Entry entry = sandboxes.get(sandbox);
    return entry == null || entry.identity.isEmpty()
        ? SandboxIdentity.ofId(sandbox)
        : entry.identity;
  }

  /** The differences to be delivered, by sandbox and in order. */
  Map<String, List<Difference>> differences(PresentState present) {
    List<Difference> all = undelivered(present);
    addGone(false, containers, present.containers(), all);
    addGone(true, sandboxes, present.sandboxes(), all);
    return all.stream()
        .sorted(comparingInt(Difference::place))
        .collect(groupingBy(Difference::sandbox, LinkedHashMap::new, toList()));
  }

  private List<Difference> undelivered(PresentState present) {
    List<Difference> all = new ArrayList<>();
    addUndelivered(true, sandboxes, present.sandboxes(), all);
    addUndelivered(false, containers, present.containers(), all);
    return all;
  }

  private void addUndelivered(
      boolean ofSandbox, Map<String, Entry> delivered, Listing listing, List<Difference> into) {
    for (Map.Entry<String, Item> listed : listing.items().entrySet()) {
      String id = listed.getKey();
      Item item = listed.getValue();
      ContainerEventType event = item.event();
      Entry last = delivered.get(id);
      boolean isDelivered = last != null && last.last == event;
      if (event != null && !isDelivered && !isReceivedSince(id, listing.asked())) {
        into.add(
            new Difference(ofSandbox, id, item.sandbox(), event, listing.asked(), item.identity()));
      }
    }
  }

  private void addGone(
      boolean ofSandbox, Map<String, Entry> delivered, Listing listing, List<Difference> into) {
    delivered.forEach(
        (id, entry) -> {
          if (!listing.items().containsKey(id) && !isReceivedSince(id, listing.asked())) {
            into.add(
                new Difference(
                    ofSandbox,
                    id,
                    entry.sandbox,
                    ContainerEventType.CONTAINER_DELETED_EVENT,
                    listing.asked(),
                    ByteString.EMPTY));
          }
        });
  }

  /**
   * Records a difference that is to be delivered; false if an event has delivered a newer state.
   */
  boolean deliver(Difference difference) {
    if (isReceivedSince(difference.id(), difference.asked())) {
      return false;
    }
    deletedByList.remove(difference.id());
    if (difference.isDeletion()) {
      kind(difference).remove(difference.id());
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
    kind(difference)
        .put(
            difference.id(),
            new Entry(difference.event(), byList, difference.sandbox(), difference.identity()));
  }

  private Map<String, Entry> kind(Difference difference) {
    return difference.ofSandbox() ? sandboxes : containers;
  }

  private boolean isReceivedSince(String id, long asked) {
    return received.getOrDefault(id, 0L) > asked;
  }

  /**
   * Whether an event that arrived after the number {@code asked} delivered the state of a sandbox.
   */
  boolean isSandboxReceivedSince(String sandbox, long asked) {
    return receivedSandboxes.getOrDefault(sandbox, 0L) > asked;
  }
}
