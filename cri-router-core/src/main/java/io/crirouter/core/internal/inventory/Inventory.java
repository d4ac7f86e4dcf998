package io.crirouter.core.internal.inventory;

import com.google.protobuf.ByteString;
import io.crirouter.core.BackendName;
import io.crirouter.core.Scheduler;
import io.crirouter.core.internal.schema.MethodSchema;
import io.crirouter.core.internal.wire.MalformedMessageException;
import io.crirouter.core.internal.wire.WireMessage;
import io.crirouter.core.internal.wire.WireWriter;
import io.crirouter.proto.v1.ListContainersRequest;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What one runtime has, as far as anything it answered or told has shown: pod sandboxes,
 * containers, images, ids that were removed lately, creations that ended without a definite answer.
 * It learns from every call and event that passes, and answers in the runtime's stead when that
 * does not.
 *
 * <p>Questions and news carry numbers in the order in which questions were sent and news arrived,
 * so that an answer that comes late brings back nothing that is gone and loses nothing that is new.
 * An answer that says what the last one said costs a comparison of bytes.
 *
 * <p>Thread-safe. Bounded by {@link Limits}. Reports to the {@link Inventories} that it is one of.
 */
public final class Inventory {
  /** In every list request. */
  private static final int FILTER = ListContainersRequest.FILTER_FIELD_NUMBER;

  private final Origin origin;
  final boolean isPrimary;
  private final Scheduler scheduler;
  private final LongSupplier numbers;
  private final Inventories owner;
  final AnswerFaults faults;

  /** Guarded by the monitor of the inventory. */
  final Contents contents;

  private boolean wasRestored;

  /**
   * The runtime whose inventory it is. Two with the same name at different addresses are different
   * runtimes.
   *
   * @param name its name
   * @param address where it is, or was
   * @param idPrefix what its ids begin with, or began with, for the client
   */
  public record Origin(BackendName name, String address, String idPrefix) {
    private static final String IN_PROCESS = "in process";

    /** In one process the address tells nothing. */
    boolean isAt(String otherAddress) {
      return address.equals(otherAddress) && !address.equals(IN_PROCESS);
    }

    boolean isSameRuntime(Origin other) {
      return name.equals(other.name) && address.equals(other.address);
    }

    @Override
    public String toString() {
      return name + " (" + address + ")";
    }
  }

  Inventory(
      Origin origin,
      boolean isPrimary,
      Scheduler scheduler,
      LongSupplier numbers,
      Inventories owner) {
    this.origin = origin;
    this.isPrimary = isPrimary;
    this.scheduler = scheduler;
    this.numbers = numbers;
    this.owner = owner;
    this.faults = new AnswerFaults(origin);
    this.contents = new Contents(new SchedulerTicker(scheduler));
  }

  /** Whose it is. */
  public Origin origin() {
    return origin;
  }

  /** The name of the runtime. */
  public BackendName name() {
    return origin.name();
  }

  /** Learns from a call that is about to be sent. */
  public CallObserver observe(MethodSchema method, ByteString request) {
    Kind listed = Kind.listedBy(method.effect());
    long asked = numbers.getAsLong();
    if (listed != null) {
      return new ListObserver(
          this, method, listed, isUnfiltered(request), asked, scheduler.nanoTime());
    }
    return switch (method.effect()) {
      case EFFECT_UNSPECIFIED -> CallObserver.NOTHING;
      default -> new EffectObserver(this, method, request, asked);
    };
  }

  /** Learns from an event, which is well-formed. */
  public void observeEvent(ByteString event) throws MalformedMessageException {
    synchronized (this) {
      new EventReader(contents, numbers.getAsLong()).read(event);
    }
    publish();
  }

  /** The creation of a pod sandbox ended without saying whether there is one. */
  public void creationUncertain(String uid, String seen) {
    if (uid.isEmpty() || !Limits.isUid(uid)) {
      return;
    }
    synchronized (this) {
      contents.uncertain.add(
          new UncertainCreations.Creation(
              uid,
              seen,
              Entries.nanos(scheduler.now()),
              scheduler.nanoTime(),
              numbers.getAsLong()));
      contents.noteChange();
    }
    publish();
  }

  /** The connection to the runtime is gone. */
  public synchronized void disconnected() {
    for (Kind kind : Kind.values()) {
      contents.of(kind).disconnected();
    }
  }

  /**
   * What the runtime would answer to a list if it still were as it was.
   *
   * @return null if the runtime has never said what it has
   */
  public synchronized @Nullable ByteString answer(Kind kind, ByteString request)
      throws MalformedMessageException {
    ItemList list = contents.of(kind);
    if (!list.isKnown()) {
      return null;
    }
    WireMessage filter = WireMessage.parse(request).message(FILTER);
    WireWriter response = new WireWriter();
    for (Item item : list.all()) {
      if (kind.filter.matches(filter, WireMessage.parse(item.bytes()))) {
        response.message(kind.itemsField, item.bytes());
      }
    }
    return response.toByteString();
  }

  /** Whether a list request asks for everything. */
  private static boolean isUnfiltered(ByteString request) {
    try {
      return request.isEmpty() || WireMessage.parse(request).value(FILTER).isEmpty();
    } catch (MalformedMessageException e) {
      return false;
    }
  }

  /** Whether the runtime has ever said which things of this kind it has. */
  public synchronized boolean isKnown(Kind kind) {
    return contents.of(kind).isKnown();
  }

  /** Whether all that the runtime had at some time is known, be it from before a restart. */
  public synchronized boolean isWhole(Kind kind) {
    return contents.of(kind).isWhole();
  }

  /** Whether all that the runtime has is known: it was listed since it was connected last. */
  public synchronized boolean isComplete(Kind kind) {
    return contents.of(kind).isComplete();
  }

  /** Whether the runtime is known to have something with this whole id. */
  public synchronized boolean has(Kind kind, String id) {
    return contents.of(kind).has(id);
  }

  /** Whether the runtime had something with this whole id a short while ago. */
  public synchronized boolean had(Kind kind, String id) {
    return contents.of(kind).had(id);
  }

  /** The whole ids that begin with {@code start}. */
  public synchronized List<String> startingWith(Kind kind, String start) {
    return contents.of(kind).startingWith(start);
  }

  /** Whether the runtime is known to have this image, by id, start of id or name. */
  public synchronized boolean hasImage(String named) throws MalformedMessageException {
    for (Item item : contents.images.all()) {
      if (Filter.isCalled(WireMessage.parse(item.bytes()), named)) {
        return true;
      }
    }
    return false;
  }

  /** The ids of the pod sandboxes that the runtime is known to have. */
  public synchronized List<String> sandboxIds() {
    return contents.sandboxes.all().stream().map(Item::id).toList();
  }

  /** Whether the runtime is known to have pod sandboxes. */
  public synchronized boolean hasSandboxes() {
    return !contents.sandboxes.all().isEmpty();
  }

  /** How many pods it may have because their creation ended without a definite answer. */
  public synchronized int uncertainCreations() {
    return contents.uncertain.all().size();
  }

  /** The newest pod sandbox of the pod with this uid, or creation of one; null if there is none. */
  synchronized @Nullable Placement placementOf(String uid) {
    Placement newest = null;
    for (String id : contents.sandboxes.ofGroup(uid)) {
      Item item = contents.sandboxes.get(id);
      if (item != null) {
        newest = Placement.newer(newest, new Placement(item.createdAt(), item.firstNumber()));
      }
    }
    UncertainCreations.Creation creation = contents.uncertain.of(uid);
    return creation == null
        ? newest
        : Placement.newer(newest, new Placement(creation.endedAt(), creation.number()));
  }

  /** The uid of the pod that the kubelet stamped so; empty if it is none of this runtime's. */
  synchronized String uidOfConfigSeen(String seen) {
    for (Item item : contents.sandboxes.all()) {
      if (item.seen().equals(seen)) {
        return item.group();
      }
    }
    for (UncertainCreations.Creation creation : contents.uncertain.all()) {
      if (creation.seen().equals(seen)) {
        return creation.uid();
      }
    }
    return "";
  }

  /** Another runtime has what has this id; false if this one was not thought to have it. */
  synchronized boolean giveUp(Kind kind, String id) {
    return contents.of(kind).giveUp(id);
  }

  /** Whether there is nothing that the runtime is known to have. */
  synchronized boolean isEmpty() {
    return contents.sandboxes.all().isEmpty() && contents.containers.all().isEmpty();
  }

  /** What is kept over a restart; shares the bytes of the entries. */
  synchronized ByteString save() {
    return SavedInventory.write(origin, contents, owner.idsAreNative());
  }

  /** Begins with what was kept. */
  synchronized void restore(WireMessage saved) throws MalformedMessageException {
    SavedInventory.read(saved, contents, numbers.getAsLong(), scheduler);
    wasRestored = true;
    for (Kind kind : Kind.values()) {
      contents.of(kind).all().forEach(item -> contents.noteNew(kind, item.id()));
    }
  }

  /** The ids that nobody has been told of. */
  synchronized List<Contents.NewId> takeNewIds() {
    return contents.takeNewIds();
  }

  /** Whether anything was known of the runtime before it was reached. */
  public synchronized boolean wasRestored() {
    return wasRestored;
  }

  /** Notes what a call showed that was asked as number {@code asked}. */
  void note(MethodSchema method, ByteString request, ByteString response, long asked)
      throws MalformedMessageException {
    synchronized (this) {
      new EffectReader(contents, request, response, asked, numbers.getAsLong(), scheduler.now())
          .read(method.effect());
    }
  }

  /** Tells the others, without a lock, what is new and that something has changed. */
  void publish() {
    boolean changed;
    List<Contents.NewId> newIds;
    synchronized (this) {
      changed = contents.takeChanged();
      newIds = contents.takeNewIds();
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
