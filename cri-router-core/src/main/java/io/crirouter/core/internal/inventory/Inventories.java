package io.crirouter.core.internal.inventory;

import com.google.protobuf.ByteString;
import io.crirouter.core.BackendName;
import io.crirouter.core.IdOwner;
import io.crirouter.core.Scheduler;
import io.crirouter.core.internal.call.ClippedText;
import io.crirouter.core.internal.inventory.Resolution.Ambiguous;
import io.crirouter.core.internal.inventory.Resolution.Claimed;
import io.crirouter.core.internal.inventory.Resolution.Owned;
import io.crirouter.core.internal.inventory.Resolution.Unknown;
import io.crirouter.core.internal.wire.MalformedMessageException;
import io.crirouter.core.internal.wire.WireMessage;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The inventories of all runtimes: of those that are part of the router, of those that are no
 * longer configured but had pods before a restart, and of those that were removed. Finds the owner
 * of an id, pod or image. Thread-safe.
 */
public final class Inventories {
  private static final System.Logger LOG = System.getLogger("io.crirouter");
  private static final int MAX_EXAMPLES = 4;

  private final SavedState state;
  private final Scheduler scheduler;
  private final boolean idsAreNative;
  private final AtomicLong numbers = new AtomicLong();
  private final InventoryLimits limitsOfSecondaries = InventoryLimits.ofSecondaries();
  private final IdConflicts conflicts;

  /**
   * The inventories that are listed: of runtimes that are part of the router or no longer
   * configured.
   */
  private final List<Inventory> shown = new CopyOnWriteArrayList<>();

  /**
   * The inventories of {@link #shown} whose runtimes are no longer configured; at most {@link
   * Limits#MAX_FORMER}.
   */
  private final Set<Inventory> unconfigured = new LinkedHashSet<>();

  /**
   * The inventories of the last {@link Limits#MAX_FORMER} runtimes that were removed. They are kept
   * only where ids carry no prefix: nothing but their ids is used.
   */
  private final Deque<Inventory> removed = new ArrayDeque<>();

  private final SavedInventories saved;

  /** See {@link #idsAreOutdated()}; once true, it stays so. */
  private volatile boolean idsAreOutdated;

  private Consumer<Inventory> whenEmptied = inventory -> {};

  /**
   * @param idsAreNative whether ids carry no prefix, so that the owner is found by the whole id
   */
  public Inventories(SavedState state, Scheduler scheduler, boolean idsAreNative) {
    this.state = state;
    this.scheduler = scheduler;
    this.idsAreNative = idsAreNative;
    this.conflicts = new IdConflicts(scheduler);
    this.saved = new SavedInventories(state.loaded(SavedState.INVENTORIES));
    state.add(SavedState.INVENTORIES, this::save);
    this.idsAreOutdated = !state.loaded(SavedState.OUTDATED_IDS).isEmpty();
    state.add(
        SavedState.OUTDATED_IDS, () -> idsAreOutdated ? List.of(ByteString.EMPTY) : List.of());
  }

  /** Drops the saved inventory of a runtime, before it is opened. */
  public synchronized void forgetSaved(BackendName name) {
    saved.forget(name);
  }

  /**
   * The inventory of a runtime that becomes part of the router, restored from its saved state or
   * from its last known state while it was not configured.
   */
  public Inventory open(Inventory.Origin origin, boolean isPrimary) {
    Inventory inventory;
    synchronized (this) {
      removed.removeIf(former -> former.name().equals(origin.name()));
      inventory = takeUnconfigured(origin);
      if (inventory == null) {
        inventory = create(origin, isPrimary);
        restore(inventory, saved.take(origin));
      }
      shown.add(inventory);
    }
    inventory.publish();
    return inventory;
  }

  private @Nullable Inventory takeUnconfigured(Inventory.Origin origin) {
    for (Inventory former : unconfigured) {
      if (former.origin().isSameRuntime(origin)) {
        unconfigured.remove(former);
        shown.remove(former);
        return former;
      }
    }
    return null;
  }

  private Inventory create(Inventory.Origin origin, boolean isPrimary) {
    return new Inventory(
        origin,
        isPrimary,
        isPrimary ? InventoryLimits.ofPrimary() : limitsOfSecondaries,
        scheduler,
        numbers::incrementAndGet,
        this);
  }

  private void restore(Inventory inventory, @Nullable WireMessage saved) {
    if (saved != null) {
      try {
        inventory.restore(saved);
        IdOwner former = SavedInventory.origin(saved).idOwner();
        noteOutdatedIds(!former.equals(inventory.origin().idOwner()));
      } catch (MalformedMessageException e) {
        SavedState.reportLoss(e);
      }
    }
  }

  /**
   * The inventories of runtimes that had pod sandboxes or containers before the restart and are no
   * longer configured. Call it once, after all configured ones were opened.
   */
  public List<Inventory> openUnconfigured() {
    List<Inventory> former = new ArrayList<>();
    synchronized (this) {
      for (WireMessage inventory : saved.takeAll()) {
        restoreFormer(inventory, former);
      }
      former.stream().filter(Inventory::isEmpty).forEach(Inventory::retire);
      former.removeIf(Inventory::isEmpty);
      dropOldest(former);
      shown.addAll(former);
      unconfigured.addAll(former);
    }
    return former;
  }

  /** Newly left out ones come first, since configured ones are saved first. */
  private static void dropOldest(List<Inventory> former) {
    if (former.size() > Limits.MAX_FORMER) {
      List<Inventory> dropped = former.subList(Limits.MAX_FORMER, former.size());
      LOG.log(
          System.Logger.Level.ERROR,
          "more than {0} runtimes are not configured any more but had pod sandboxes; those of {1}"
              + " are no longer listed: {2}",
          Limits.MAX_FORMER,
          dropped.size(),
          ClippedText.of(dropped.stream().map(Inventory::origin).toList()));
      dropped.forEach(Inventory::retire);
      dropped.clear();
    }
  }

  /** Restores the inventory of a runtime that was removed, or else is no longer configured. */
  private void restoreFormer(WireMessage inventory, List<Inventory> noLongerConfigured) {
    try {
      Inventory restored = create(SavedInventory.origin(inventory), false);
      restored.restore(inventory);
      giveUpWhatOthersHave(restored);
      if (SavedInventory.isRemoved(inventory)) {
        restored.retire();
        addRemoved(restored);
      } else {
        noLongerConfigured.add(restored);
      }
    } catch (MalformedMessageException e) {
      SavedState.reportLoss(e);
    }
  }

  private void giveUpWhatOthersHave(Inventory former) {
    for (Contents.NewId id : former.takeNewIds()) {
      if (shown.stream().anyMatch(other -> other.has(id.kind(), id.id()))) {
        noteOutdatedIds(former.giveUp(id.kind(), id.id()));
      }
    }
  }

  /**
   * Runs {@code action} when all objects of a runtime that is no longer configured turned out to be
   * those of a configured one.
   */
  public void whenEmptied(Consumer<Inventory> action) {
    whenEmptied = action;
  }

  /** A runtime was removed from the router. Its objects are no longer listed. */
  public void remove(Inventory inventory) {
    synchronized (this) {
      shown.remove(inventory);
      unconfigured.remove(inventory);
      inventory.retire();
      if (idsAreNative) {
        addRemoved(inventory);
      }
    }
    state.changed();
  }

  /**
   * Whether the client may use ids that their runtime does not have any more: a runtime was
   * renamed, or got another id prefix, over this restart or an earlier one.
   */
  public boolean idsAreOutdated() {
    return idsAreOutdated;
  }

  private void noteOutdatedIds(boolean isRenamed) {
    if (isRenamed && !idsAreOutdated) {
      idsAreOutdated = true;
      state.changed();
    }
  }

  private void addRemoved(Inventory inventory) {
    removed.add(inventory);
    if (removed.size() > Limits.MAX_FORMER) {
      removed.remove();
    }
  }

  /** Whether ids carry no prefix, so that the owner is found by the whole id. */
  public boolean idsAreNative() {
    return idsAreNative;
  }

  /** The state in which they are saved. */
  public SavedState state() {
    return state;
  }

  private synchronized List<Inventory> all() {
    List<Inventory> all = new ArrayList<>(shown);
    all.addAll(removed);
    return all;
  }

  private List<ByteString> save() {
    List<ByteString> inventories = new ArrayList<>();
    shown.forEach(inventory -> inventories.add(inventory.save()));
    List<Inventory> former;
    synchronized (this) {
      former = List.copyOf(removed);
    }
    former.forEach(inventory -> inventories.add(SavedInventory.asRemoved(inventory.save())));
    return inventories;
  }

  void changed() {
    state.changed();
  }

  /**
   * Ids are unique: a runtime that is no longer configured and has the same id is this runtime
   * under its former name.
   */
  void appeared(Inventory inventory, List<Contents.NewId> newIds) {
    for (Inventory other : all()) {
      if (other != inventory) {
        compare(inventory, other, newIds);
      }
    }
  }

  private void compare(Inventory inventory, Inventory other, List<Contents.NewId> newIds) {
    boolean isFormer = isFormer(other);
    boolean gaveUp = false;
    for (Contents.NewId id : newIds) {
      if (id.kind() == Kind.IMAGE) {
        continue;
      }
      if (isFormer) {
        gaveUp |= other.giveUp(id.kind(), id.id());
      } else if (idsAreNative && other.has(id.kind(), id.id())) {
        conflicts.report(id.kind(), id.id(), other.name(), inventory.name());
      }
    }
    noteOutdatedIds(gaveUp);
    if (gaveUp && other.isEmpty()) {
      whenEmptied.accept(other);
    }
  }

  private synchronized boolean isFormer(Inventory inventory) {
    return unconfigured.contains(inventory) || removed.contains(inventory);
  }

  /**
   * The inventory of the runtime at which the pod with this uid has, or may have, its newest
   * sandbox; null if there is none.
   */
  public @Nullable Inventory ofPod(String uid) {
    Inventory owner = null;
    Placement newest = null;
    if (!uid.isEmpty()) {
      for (Inventory inventory : shown) {
        Placement placement = inventory.placementOf(uid);
        if (placement != null && (newest == null || placement.compareTo(newest) > 0)) {
          newest = placement;
          owner = inventory;
        }
      }
    }
    return owner;
  }

  /** The same for the pod with this {@link ConfigSeen}; null if there is none. */
  public @Nullable Inventory ofConfigSeen(String seen) {
    if (!seen.isEmpty()) {
      for (Inventory inventory : shown) {
        String uid = inventory.uidOfConfigSeen(seen);
        if (!uid.isEmpty()) {
          return ofPod(uid);
        }
      }
    }
    return null;
  }

  /**
   * Resolves an id or the beginning of one. A whole id is preferred to longer ones that begin with
   * it, and an object that exists to one that was removed. A removed object is found by its whole
   * id only.
   */
  public Resolution resolve(Kind kind, String id) {
    if (id.isEmpty()) {
      return Unknown.INSTANCE;
    }
    List<Inventory> owners = ownersWhere(inventory -> inventory.has(kind, id));
    if (owners.isEmpty()) {
      owners = ownersWhere(inventory -> inventory.had(kind, id));
    }
    return owners.isEmpty() ? startingWith(kind, id) : owned(owners, id, false);
  }

  private List<Inventory> ownersWhere(Predicate<Inventory> condition) {
    return all().stream().filter(condition).toList();
  }

  private Resolution startingWith(Kind kind, String start) {
    Set<String> matches = new TreeSet<>();
    List<Inventory> owners = new ArrayList<>();
    for (Inventory inventory : all()) {
      List<String> its = inventory.startingWith(kind, start);
      matches.addAll(its);
      if (!its.isEmpty()) {
        owners.add(inventory);
      }
    }
    return switch (matches.size()) {
      case 0 -> Unknown.INSTANCE;
      case 1 -> owned(owners, matches.iterator().next(), true);
      default ->
          new Ambiguous(
              List.copyOf(owners), matches.stream().limit(MAX_EXAMPLES).toList(), matches.size());
    };
  }

  private static Resolution owned(List<Inventory> owners, String id, boolean shortened) {
    return owners.size() == 1
        ? new Owned(owners.get(0), id, shortened)
        : new Claimed(List.copyOf(owners), id);
  }
}
