package io.crirouter.core.internal.inventory;

import com.google.protobuf.ByteString;
import io.crirouter.core.BackendName;
import io.crirouter.core.Scheduler;
import io.crirouter.core.internal.inventory.Inventories.Membership;
import io.crirouter.core.internal.schema.MethodSchema;
import io.crirouter.core.internal.wire.MalformedMessageException;
import io.crirouter.core.internal.wire.WireMessage;
import io.crirouter.core.internal.wire.WireWriter;
import io.crirouter.proto.routing.Effect;
import io.crirouter.proto.v1.ContainerStatusResponse;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The last known state of one runtime: its pod sandboxes, containers and images, ids that were
 * removed recently, and creations that ended without a definite answer. Every response and event
 * that passes updates it. When the runtime does not answer a list, the response comes from here.
 *
 * <p>Requests, responses and events get sequence numbers in the order in which they are sent and
 * arrive. So a late response neither restores an object that was removed nor drops one that was
 * created after its request. A list that equals the last one costs one comparison of bytes.
 *
 * <p>Thread-safe. Bounded by {@link Limits}. Reports changes and new ids to its {@link
 * Inventories}.
 */
public final class Inventory {
  private volatile Origin origin;
  final boolean isPrimary;
  final Scheduler scheduler;
  private final Inventories owner;
  final AnswerFaults faults;

  /** Guarded by the monitor of this object. */
  final Contents contents;

  private boolean wasRestored;
  private volatile Membership membership = Membership.CONFIGURED;

  Inventory(
      Origin origin,
      boolean isPrimary,
      InventoryLimits limits,
      Scheduler scheduler,
      Inventories owner) {
    this.origin = origin;
    this.isPrimary = isPrimary;
    this.scheduler = scheduler;
    this.owner = owner;
    this.faults = new AnswerFaults(this::origin);
    this.contents = new Contents(limits, new SchedulerTicker(scheduler));
  }

  /** The runtime. */
  public Origin origin() {
    return origin;
  }

  /** Called when the runtime has another address from now on. */
  public void movedTo(String address) {
    origin = new Origin(origin.idOwner(), address);
    owner.changed();
  }

  /** The name of the runtime. */
  public BackendName name() {
    return origin.name();
  }

  /** An observer that updates this inventory by a call that is about to be sent. */
  public ResponseObserver observe(MethodSchema method, ByteString request) {
    Kind listed = Kind.listedBy(method.effect());
    long asked = nextNumber();
    if (listed != null) {
      return new ListObserver(this, method, listed, request, asked);
    }
    ResponseObserver observer =
        method.effect() == Effect.EFFECT_UNSPECIFIED
            ? ResponseObserver.NOTHING
            : new EffectObserver(this, method, request, asked);
    // What a secondary contributes to a merged response must not spoil the others.
    return isPrimary || !method.isMerged() ? observer : new CheckingObserver(method, observer);
  }

  /** Updates this inventory by an event, which is well-formed. */
  public void observeEvent(ByteString event) throws MalformedMessageException {
    synchronized (this) {
      new EventReader(contents, nextNumber()).read(event);
    }
    publish();
  }

  /** Called when the creation of a pod sandbox ended without a definite answer. */
  public void creationUncertain(String uid, String seen) {
    synchronized (this) {
      if (uid.isEmpty() || !Limits.isUid(uid) || isRemoved()) {
        return;
      }
      contents.uncertain.add(uid, seen, scheduler, nextNumber());
    }
    publish();
  }

  /** Called when the runtime is lost. */
  public synchronized void disconnected() {
    for (Kind kind : Kind.values()) {
      contents.of(kind).completeness.disconnected();
    }
  }

  /**
   * The response to a list from the last known state.
   *
   * @return null if the runtime has never listed objects of this kind
   */
  public synchronized @Nullable ByteString answer(Kind kind, ByteString request)
      throws MalformedMessageException {
    ItemList list = contents.of(kind);
    return list.completeness.isKnown() ? kind.list(list.all(), request) : null;
  }

  /**
   * The response to ContainerStatus about the container with this whole id from what was told last.
   *
   * @return null if nothing was, and if the container is known to be in another state by now
   */
  public synchronized @Nullable ByteString lastStatus(String id) {
    Item container = contents.containers.get(id);
    ByteString status = container == null ? null : contents.statuses.of(id, container.state());
    return status == null
        ? null
        : new WireWriter()
            .message(ContainerStatusResponse.STATUS_FIELD_NUMBER, status)
            .toByteString();
  }

  /** The sequence number of a request or report. */
  long nextNumber() {
    return owner.nextNumber();
  }

  /** Whether the runtime has ever listed all objects of this kind. */
  public synchronized boolean isKnown(Kind kind) {
    return contents.of(kind).completeness.isKnown();
  }

  /**
   * Whether all objects that the runtime had at some time are known, perhaps from before a restart.
   */
  public synchronized boolean isWhole(Kind kind) {
    return contents.of(kind).completeness.isWhole();
  }

  /**
   * Whether all objects that the runtime has are known: it has listed them since it connected last.
   */
  public synchronized boolean isComplete(Kind kind) {
    return contents.of(kind).completeness.isComplete();
  }

  /** Whether the runtime is known to have an object with this whole id. */
  public synchronized boolean has(Kind kind, String id) {
    return contents.of(kind).has(id);
  }

  /** Whether an object with this whole id was removed recently. */
  public synchronized boolean had(Kind kind, String id) {
    return contents.of(kind).removed.has(id);
  }

  /** The whole ids that begin with {@code start}. */
  public synchronized List<String> startingWith(Kind kind, String start) {
    return contents.of(kind).startingWith(start);
  }

  /** All objects of a kind. */
  public synchronized List<InventoryObject> objects(Kind kind) {
    return contents.of(kind).all().stream().map(item -> new InventoryObject(kind, item)).toList();
  }

  /** The image that the runtime is known to have by this id, start of an id or name, else null. */
  public synchronized @Nullable WireMessage image(String named) throws MalformedMessageException {
    for (Item item : contents.images.all()) {
      WireMessage image = WireMessage.parse(item.bytes());
      if (Filter.isCalled(image, named)) {
        return image;
      }
    }
    return null;
  }

  /** The ids of the pod sandboxes that the runtime is known to have. */
  public synchronized List<String> sandboxIds() {
    return contents.sandboxes.all().stream().map(Item::id).toList();
  }

  /** How many objects of this kind the runtime is known to have. */
  public synchronized int count(Kind kind) {
    return contents.of(kind).all().size();
  }

  /** How often an object was not remembered because of the limits. */
  public synchronized long overflows() {
    return contents.sandboxes.completeness.overflows()
        + contents.containers.completeness.overflows()
        + contents.images.completeness.overflows();
  }

  /** The number of pods whose creation ended without a definite answer. */
  public synchronized int uncertainCreations() {
    return contents.uncertain.all().size();
  }

  /** See {@link Contents#placementOf}. */
  synchronized @Nullable Placement placementOf(String uid) {
    return contents.placementOf(uid);
  }

  /** The uid of the pod with this {@link ConfigSeen}; empty if this runtime has none. */
  synchronized String uidOfConfigSeen(String seen) {
    return contents.uidOfConfigSeen(seen);
  }

  /** Drops an object that belongs to another runtime; false if it is not in this inventory. */
  synchronized boolean giveUp(Kind kind, String id) {
    return contents.of(kind).giveUp(id);
  }

  /** Whether the runtime is known to have neither pod sandboxes nor containers. */
  synchronized boolean isEmpty() {
    return contents.sandboxes.all().isEmpty() && contents.containers.all().isEmpty();
  }

  /** The state to save; shares the bytes of the entries. */
  synchronized ByteString save() {
    return SavedInventory.write(this, owner.idsAreNative());
  }

  /** Restores the saved state. */
  synchronized void restore(SavedInventory saved) throws MalformedMessageException {
    saved.restore(contents, nextNumber(), scheduler);
    wasRestored = true;
    boolean unused = contents.changes.take();
  }

  Membership membership() {
    return membership;
  }

  void setMembership(Membership membership) {
    this.membership = membership;
  }

  boolean isRemoved() {
    return membership == Membership.REMOVED;
  }

  /** Called when the runtime was removed: only the ids of its objects are of use from now on. */
  synchronized void retire() {
    membership = Membership.REMOVED;
    contents.retire();
  }

  /** The new ids that were not reported yet. */
  synchronized List<Changes.NewId> takeNewIds() {
    return contents.changes.takeNewIds();
  }

  /** Whether it was restored from a saved state. */
  public synchronized boolean wasRestored() {
    return wasRestored;
  }

  /** Reports new ids and changes, without a lock. */
  void publish() {
    boolean changed;
    List<Changes.NewId> newIds;
    synchronized (this) {
      changed = contents.changes.take();
      newIds = contents.changes.takeNewIds();
    }
    if (!newIds.isEmpty()) {
      owner.appeared(this, newIds);
    }
    if (changed) {
      owner.changed();
    }
  }

  @Override
  public String toString() {
    return "inventory of runtime " + origin;
  }
}
