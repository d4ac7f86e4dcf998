package io.crirouter.core.internal.inventory;

import static java.util.Objects.requireNonNull;

import com.google.common.base.Ticker;
import com.google.protobuf.ByteString;
import io.crirouter.core.internal.wire.ListEntry;
import io.crirouter.core.internal.wire.MalformedMessageException;
import io.crirouter.core.internal.wire.WireMessage;
import io.crirouter.proto.v1.ContainerState;
import io.crirouter.proto.v1.ContainerStatus;
import io.crirouter.proto.v1.PodSandboxState;
import io.crirouter.proto.v1.PodSandboxStatus;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The pod sandboxes, containers and images of one runtime, and how they depend on each other. Not
 * thread-safe.
 */
final class Contents {
  final Changes changes = new Changes();
  final ItemList sandboxes;
  final ItemList containers;
  final ItemList images;
  final UncertainCreations uncertain = new UncertainCreations(changes);

  /** Of containers. */
  final LastStatuses statuses;

  Contents(InventoryLimits limits, Ticker ticker) {
    sandboxes = list(Kind.POD_SANDBOX, limits, ticker);
    containers = list(Kind.CONTAINER, limits, ticker);
    images = list(Kind.IMAGE, limits, ticker);
    statuses = new LastStatuses(limits.statuses());
  }

  private ItemList list(Kind kind, InventoryLimits limits, Ticker ticker) {
    return new ItemList(kind, requireNonNull(limits.ofKinds().get(kind)), ticker, changes);
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
    of(kind).listed(entries, asked, number, item -> !isInGoneSandbox(kind, item, asked));
  }

  /** A container is removed with its sandbox, also one that was not known yet. */
  private boolean isInGoneSandbox(Kind kind, Item item, long asked) {
    return kind == Kind.CONTAINER && sandboxes.removed.hasSince(item.group(), asked);
  }

  /** Applies a complete list with these ids, see {@link ItemList#listedAll}. */
  void listedCompletely(
      Kind kind, Set<String> ids, List<ListEntry> entries, long asked, long number)
      throws MalformedMessageException {
    ItemList list = of(kind);
    list.room.beginReplacement();
    try {
      list.listedAll(ids, asked);
      listed(kind, entries, asked, number);
    } finally {
      list.room.endReplacement();
    }
  }

  /**
   * A call created an object. A list may have shown it since, which tells more than the call, and
   * it may be removed already.
   */
  void create(Kind kind, ByteString entry, long asked, long number)
      throws MalformedMessageException {
    create(kind, kind.item(entry, Item.Reports.of(number)), asked);
  }

  private void create(Kind kind, Item item, long asked) {
    boolean isGone =
        of(kind).removed.hasCertainlySince(item.id(), asked)
            || (kind == Kind.CONTAINER && sandboxes.removed.hasCertainlySince(item.group(), asked));
    if (!Limits.isId(item.id()) || isGone) {
      return;
    }
    if (of(kind).has(item.id())) {
      of(kind).confirm(item.id(), item.number());
    } else {
      boolean unused = of(kind).add(item);
    }
    if (kind == Kind.POD_SANDBOX) {
      uncertain.end(item.group());
    }
  }

  /** Shows a pod sandbox by its PodSandboxStatus, see {@link #show}. */
  void showSandbox(ListEntry status, long asked, long number) throws MalformedMessageException {
    show(
        Kind.POD_SANDBOX,
        status.id(),
        status.number(PodSandboxStatus.STATE_FIELD_NUMBER),
        asked,
        number,
        () -> Entries.sandbox(WireMessage.parse(status.bytes())));
  }

  /** Shows a container by its ContainerStatus, see {@link #show}. */
  void showContainer(ListEntry status, String sandbox, long asked, long number)
      throws MalformedMessageException {
    long state = status.number(ContainerStatus.STATE_FIELD_NUMBER);
    show(
        Kind.CONTAINER,
        status.id(),
        state,
        asked,
        number,
        () -> Entries.container(WireMessage.parse(status.bytes()), sandbox));
    showStatus(status.id(), status.bytes(), state, asked);
  }

  /**
   * A status or an event shows an object as it was at the time of {@code asked}, and arrived as
   * {@code number}. It does not restore a removed object, and states only advance.
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
    if (!Limits.isId(id) || of(kind).completeness.isOutdated(asked) || isGone(kind, id, asked)) {
      return;
    }
    Item item = kind.item(maker.make(), new Item.Reports(asked, number));
    if (kind != Kind.CONTAINER || !sandboxes.removed.has(item.group())) {
      create(kind, item, asked);
    }
  }

  /** Ids of pod sandboxes and containers are used once; an image can be pulled again. */
  private boolean isGone(Kind kind, String id, long asked) {
    return kind == Kind.IMAGE ? images.removed.hasSince(id, asked) : of(kind).removed.has(id);
  }

  /** Keeps the status of a container that is known. */
  void showStatus(String id, ByteString status, long state, long asked) {
    if (containers.has(id) && statuses.show(id, status, state, asked)) {
      changes.note();
    }
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
    Item item = of(kind).get(id);
    if (item != null && state >= item.state()) {
      of(kind).setState(id, state, number);
    }
  }

  /** A container was started, and may have ended since. */
  void startContainer(String id, long number) throws MalformedMessageException {
    advance(Kind.CONTAINER, id, ContainerState.CONTAINER_RUNNING_VALUE, number);
  }

  void stopContainer(String id, long number) throws MalformedMessageException {
    containers.setState(id, ContainerState.CONTAINER_EXITED_VALUE, number);
  }

  /** A pod sandbox and its containers were stopped. */
  void stopSandbox(String id, long number) throws MalformedMessageException {
    sandboxes.setState(id, PodSandboxState.SANDBOX_NOTREADY_VALUE, number);
    for (String container : containers.ofGroup(id)) {
      stopContainer(container, number);
    }
  }

  /** A pod sandbox and its containers were removed. */
  void removeSandbox(String id, long number) {
    sandboxes.remove(id, number);
    containers.ofGroup(id).forEach(container -> removeContainer(container, number));
  }

  void removeContainer(String id, long number) {
    containers.remove(id, number);
  }

  /** The images with this id, start of an id, or name were removed. */
  void removeImages(String named, long number) throws MalformedMessageException {
    for (Item image : List.copyOf(images.all())) {
      if (Filter.isCalled(WireMessage.parse(image.bytes()), named)) {
        images.remove(image.id(), number);
      }
    }
  }

  /**
   * A container that was known before the request {@code asked} for all pod sandboxes, and whose
   * sandbox is not in that list; empty if there is none.
   */
  String orphan(long asked) {
    for (Item container : containers.all()) {
      String sandbox = container.group();
      if (container.number() < asked
          && !sandboxes.has(sandbox)
          && !sandboxes.removed.has(sandbox)) {
        return container.id();
      }
    }
    return "";
  }

  /**
   * The newest placement of the pod with this uid at this runtime, certain or not; null if there is
   * none.
   */
  @Nullable Placement placementOf(String uid) {
    Placement newest = null;
    for (String id : sandboxes.ofGroup(uid)) {
      Item item = sandboxes.get(id);
      if (item != null) {
        newest = Placement.newer(newest, new Placement(item.createdAt(), item.firstNumber()));
      }
    }
    UncertainCreations.Creation creation = uncertain.of(uid);
    return creation == null
        ? newest
        : Placement.newer(newest, new Placement(creation.endedAt(), creation.number()));
  }

  /** The uid of the pod with this {@link ConfigSeen}; empty if this runtime has none. */
  String uidOfConfigSeen(String seen) {
    for (Item sandbox : sandboxes.all()) {
      if (sandbox.seen().equals(seen) && !sandbox.group().isEmpty()) {
        return sandbox.group();
      }
    }
    return uncertain.uidOfSeen(seen);
  }

  /** A complete list of pod sandboxes, requested at {@code nanos}, was applied. */
  void settleUncertain(long nanos) {
    uncertain.settle(nanos, uid -> !sandboxes.ofGroup(uid).isEmpty());
  }

  /** Keeps nothing but the ids of the objects, and adds none any more. */
  void retire() {
    statuses.retire();
    uncertain.clear();
    for (Kind kind : Kind.values()) {
      of(kind).retire();
    }
  }
}
