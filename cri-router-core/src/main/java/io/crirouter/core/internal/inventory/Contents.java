package io.crirouter.core.internal.inventory;

import static java.util.Objects.requireNonNull;

import com.google.common.base.Ticker;
import com.google.protobuf.ByteString;
import io.crirouter.core.internal.wire.ListEntry;
import io.crirouter.core.internal.wire.MalformedMessageException;
import io.crirouter.core.internal.wire.WireMessage;
import io.crirouter.proto.v1.ContainerState;
import io.crirouter.proto.v1.PodSandboxState;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The pod sandboxes, containers and images of one runtime, and how they depend on each other. Not
 * thread-safe.
 */
final class Contents {
  final ItemList sandboxes;
  final ItemList containers;
  final ItemList images;
  final UncertainCreations uncertain = new UncertainCreations();

  /** Ids of pod sandboxes and containers that are new since the last {@link #takeNewIds}. */
  private List<NewId> newIds = new ArrayList<>();

  private boolean changed;

  /** Of containers. */
  final LastStatuses statuses;

  /** An id that was not known before. */
  record NewId(Kind kind, String id) {}

  Contents(InventoryLimits limits, Ticker ticker) {
    sandboxes = list(Kind.POD_SANDBOX, limits, ticker);
    containers = list(Kind.CONTAINER, limits, ticker);
    images = list(Kind.IMAGE, limits, ticker);
    statuses = new LastStatuses(limits.statuses());
  }

  private static ItemList list(Kind kind, InventoryLimits limits, Ticker ticker) {
    return new ItemList(kind, requireNonNull(limits.ofKinds().get(kind)), ticker);
  }

  ItemList of(Kind kind) {
    return switch (kind) {
      case POD_SANDBOX -> sandboxes;
      case CONTAINER -> containers;
      case IMAGE -> images;
    };
  }

  /** Applies entries of a list, see {@link ItemList#listed}. */
  void listed(Kind kind, List<ListEntry> entries, long asked, long number)
      throws MalformedMessageException {
    List<String> ids = new ArrayList<>();
    changed |=
        of(kind).listed(entries, asked, number, item -> !isInGoneSandbox(kind, item, asked), ids);
    ids.forEach(id -> noteNew(kind, id));
  }

  /** A container is removed with its sandbox, also one that was not known yet. */
  private boolean isInGoneSandbox(Kind kind, Item item, long asked) {
    return kind == Kind.CONTAINER && sandboxes.wasRemovedSince(item.group(), asked);
  }

  /** Applies a complete list with these ids, see {@link ItemList#listedAll}. */
  void listedCompletely(
      Kind kind, Set<String> ids, List<ListEntry> entries, long asked, long number)
      throws MalformedMessageException {
    ItemList list = of(kind);
    list.beginReplacement();
    try {
      changed |= list.listedAll(ids, asked);
      listed(kind, entries, asked, number);
    } finally {
      list.endReplacement();
    }
  }

  /** The runtime does not implement the list, see {@link ItemList#lacksAll}. */
  void lacksAll(Kind kind, long asked) {
    changed |= of(kind).lacksAll(asked);
  }

  /**
   * A call created an object. A list may have shown it since, which tells more than the call, and
   * it may be removed already.
   */
  void create(Kind kind, ByteString entry, long asked, long number)
      throws MalformedMessageException {
    create(kind, kind.item(entry, number), asked);
  }

  private void create(Kind kind, Item item, long asked) {
    boolean isGone =
        of(kind).wasCertainlyRemovedSince(item.id(), asked)
            || (kind == Kind.CONTAINER && sandboxes.wasCertainlyRemovedSince(item.group(), asked));
    if (!Limits.isId(item.id()) || isGone) {
      return;
    }
    if (of(kind).has(item.id())) {
      of(kind).confirm(item.id(), item.number());
    } else if (of(kind).add(item)) {
      noteNew(kind, item.id());
      changed = true;
    }
    if (kind == Kind.POD_SANDBOX) {
      changed |= uncertain.end(item.group());
    }
  }

  /**
   * A status or an event shows an object as it was at the time of {@code asked}. It does not
   * restore a removed object, and states only advance.
   */
  void show(Kind kind, String id, long state, long asked, long number, EntryMaker entry)
      throws MalformedMessageException {
    if (of(kind).has(id)) {
      showState(kind, id, state, asked);
    } else {
      showNew(kind, id, asked, number, entry);
    }
  }

  /** The same for the state of an object that is known; nothing if it is not. */
  void showState(Kind kind, String id, long state, long asked) throws MalformedMessageException {
    Item before = of(kind).get(id);
    if (before != null && before.number() <= asked) {
      advance(kind, id, state, asked);
    }
  }

  private void showNew(Kind kind, String id, long asked, long number, EntryMaker maker)
      throws MalformedMessageException {
    if (!Limits.isId(id) || of(kind).isOutdated(asked) || isGone(kind, id, asked)) {
      return;
    }
    Item item = kind.item(maker.make(), asked).reportedAt(number);
    if (kind != Kind.CONTAINER || !sandboxes.had(item.group())) {
      create(kind, item, asked);
    }
  }

  /** Ids of pod sandboxes and containers are used once; an image can be pulled again. */
  private boolean isGone(Kind kind, String id, long asked) {
    return kind == Kind.IMAGE ? images.wasRemovedSince(id, asked) : of(kind).had(id);
  }

  /** Keeps the status of a container that is known. */
  void showStatus(String id, ByteString status, long state, long asked) {
    changed |= containers.has(id) && statuses.show(id, status, state, asked);
  }

  /**
   * Applies the status of a container if it is the one that is kept.
   *
   * @param response the whole ContainerStatusResponse
   */
  boolean showStatusAgain(String id, ByteString response, long asked)
      throws MalformedMessageException {
    LastStatuses.Status known = statuses.repeated(id, response, asked);
    if (known != null) {
      showState(Kind.CONTAINER, id, known.state(), asked);
    }
    return known != null;
  }

  /** Makes the entry of a list from a status; called only if it is needed. */
  @FunctionalInterface
  interface EntryMaker {
    ByteString make() throws MalformedMessageException;
  }

  /** An object is in this state now, unless its known state is a later one. */
  void advance(Kind kind, String id, long state, long number) throws MalformedMessageException {
    ItemList list = of(kind);
    Item item = list.get(id);
    if (item != null && state >= item.state()) {
      changed |= list.setState(id, state, number);
    }
  }

  /** A container was started, and may have ended since; {@code named} may be a shortened id. */
  void startContainer(String named, long asked, long number) throws MalformedMessageException {
    String id = containers.find(named, asked);
    if (id != null) {
      advance(Kind.CONTAINER, id, ContainerState.CONTAINER_RUNNING_VALUE, number);
    }
  }

  /** A container was stopped; {@code named} may be a shortened id. */
  void stopContainer(String named, long asked, long number) throws MalformedMessageException {
    String id = containers.find(named, asked);
    if (id != null) {
      changed |= containers.setState(id, ContainerState.CONTAINER_EXITED_VALUE, number);
    }
  }

  /** A pod sandbox and its containers were stopped; {@code named} may be a shortened id. */
  void stopSandbox(String named, long asked, long number) throws MalformedMessageException {
    String id = sandboxes.find(named, asked);
    if (id != null) {
      changed |= sandboxes.setState(id, PodSandboxState.SANDBOX_NOTREADY_VALUE, number);
      for (String container : containers.ofGroup(id)) {
        changed |= containers.setState(container, ContainerState.CONTAINER_EXITED_VALUE, number);
      }
    }
  }

  /** A pod sandbox and its containers were removed; {@code named} may be a shortened id. */
  void removeSandbox(String named, long asked, long number) {
    String id = sandboxes.find(named, asked);
    if (id != null) {
      changed |= sandboxes.remove(id, number);
      for (String container : containers.ofGroup(id)) {
        changed |= containers.remove(container, number);
      }
    }
  }

  /** A container was removed; {@code named} may be a shortened id. */
  void removeContainer(String named, long asked, long number) {
    String id = containers.find(named, asked);
    if (id != null) {
      changed |= containers.remove(id, number);
    }
  }

  /** The images with this id, start of an id, or name were removed. */
  void removeImages(String named, long number) throws MalformedMessageException {
    List<String> gone = new ArrayList<>();
    for (Item item : images.all()) {
      if (Filter.isCalled(WireMessage.parse(item.bytes()), named)) {
        gone.add(item.id());
      }
    }
    for (String id : gone) {
      changed |= images.remove(id, number);
    }
  }

  /**
   * A container that was known before the request {@code asked} for all pod sandboxes, and whose
   * sandbox is not in that list; empty if there is none.
   */
  String orphan(long asked) {
    for (Item container : containers.all()) {
      String sandbox = container.group();
      if (container.number() < asked && !sandboxes.has(sandbox) && !sandboxes.had(sandbox)) {
        return container.id();
      }
    }
    return "";
  }

  /** A complete list of pod sandboxes, requested at {@code nanos}, was applied. */
  void settleUncertain(long nanos) {
    changed |= uncertain.settle(nanos, uid -> !sandboxes.ofGroup(uid).isEmpty());
  }

  /** Keeps nothing but the ids of the objects, and adds none any more. */
  void retire() {
    statuses.retire();
    uncertain.clear();
    newIds.clear();
    for (Kind kind : Kind.values()) {
      of(kind).retire();
    }
  }

  /** Ids of images are no runtime's own: several have the same image. */
  void noteNew(Kind kind, String id) {
    if (kind != Kind.IMAGE) {
      newIds.add(new NewId(kind, id));
    }
  }

  void noteChange() {
    changed = true;
  }

  /** Whether anything has changed since the last call of this method. */
  boolean takeChanged() {
    boolean was = changed;
    changed = false;
    return was;
  }

  /** The ids that are new since the last call of this method. */
  List<NewId> takeNewIds() {
    if (newIds.isEmpty()) {
      return List.of();
    }
    List<NewId> taken = newIds;
    newIds = new ArrayList<>();
    return taken;
  }
}
