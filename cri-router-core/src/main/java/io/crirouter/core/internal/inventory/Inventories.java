package io.crirouter.core.internal.inventory;

import com.google.common.collect.ImmutableList;
import io.crirouter.core.BackendName;
import io.crirouter.core.Scheduler;
import io.crirouter.core.internal.call.ClippedText;
import io.crirouter.core.internal.wire.MalformedMessageException;
import java.util.ArrayList;
import java.util.List;
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
  /** How a runtime belongs to the router. */
  enum Membership {
    CONFIGURED,
    /** It had pods before a restart, and is no longer configured. */
    UNCONFIGURED,
    /** It was removed. Only the ids of its objects are kept. */
    REMOVED
  }

  private static final System.Logger LOG = System.getLogger("io.crirouter");

  private final SavedState state;
  private final Scheduler scheduler;
  private final boolean idsAreNative;
  private final AtomicLong numbers = new AtomicLong();
  private final InventoryLimits limitsOfSecondaries = InventoryLimits.ofSecondaries();
  private final IdConflicts conflicts;

  /**
   * Replaced as a whole. Of runtimes that are no longer configured there are at most {@link
   * Limits#MAX_FORMER}, and as many that were removed. These are kept only where ids carry no
   * prefix: nothing but their ids is used.
   */
  private volatile List<Inventory> all = List.of();

  /** Those of before the restart that were neither removed then nor opened since. */
  private final List<SavedInventory> saved = new ArrayList<>();

  /**
   * @param idsAreNative whether ids carry no prefix, so that the owner is found by the whole id
   */
  public Inventories(SavedState state, Scheduler scheduler, boolean idsAreNative) {
    this.state = state;
    this.scheduler = scheduler;
    this.idsAreNative = idsAreNative;
    this.conflicts = new IdConflicts(state, scheduler, idsAreNative);
    restoreRemoved(SavedInventory.readAll(state.loaded(SavedState.INVENTORIES)));
    state.add(SavedState.INVENTORIES, () -> all.stream().map(Inventory::save).toList());
  }

  private void restoreRemoved(List<SavedInventory> inventories) {
    List<Inventory> removed = new ArrayList<>();
    for (SavedInventory former : inventories) {
      if (former.isRemoved()) {
        Inventory inventory = create(former.origin(), false);
        restore(inventory, former);
        inventory.retire();
        removed.add(inventory);
      } else {
        saved.add(former);
      }
    }
    all = List.copyOf(removed);
  }

  /** Drops the saved inventory of a runtime, before it is opened. */
  public synchronized void forgetSaved(BackendName name) {
    saved.removeIf(former -> former.origin().name().equals(name));
  }

  /**
   * The inventory of a runtime that becomes part of the router, restored from its saved state or
   * from its last known state while it was not configured.
   */
  public Inventory open(Origin origin, boolean isPrimary) {
    Inventory inventory;
    synchronized (this) {
      List<Inventory> others = new ArrayList<>(all);
      others.removeIf(former -> former.isRemoved() && former.name().equals(origin.name()));
      inventory = unconfigured(origin);
      if (inventory == null) {
        inventory = create(origin, isPrimary);
        restoreSaved(inventory);
      }
      inventory.setMembership(Membership.CONFIGURED);
      others.remove(inventory);
      others.add(inventory);
      all = List.copyOf(others);
    }
    inventory.publish();
    return inventory;
  }

  private @Nullable Inventory unconfigured(Origin origin) {
    return all.stream()
        .filter(former -> former.membership() == Membership.UNCONFIGURED)
        .filter(former -> former.origin().isSameRuntime(origin))
        .findFirst()
        .orElse(null);
  }

  private Inventory create(Origin origin, boolean isPrimary) {
    return new Inventory(
        origin,
        isPrimary,
        isPrimary ? InventoryLimits.ofPrimary() : limitsOfSecondaries,
        scheduler,
        this);
  }

  /** A runtime with another name but the same address is the same runtime. */
  private void restoreSaved(Inventory inventory) {
    Origin origin = inventory.origin();
    SavedInventory former = find(origin::isSameRuntime);
    if (former == null) {
      former = find(other -> origin.isAt(other.address()));
    }
    if (former != null) {
      saved.remove(former);
      restore(inventory, former);
      if (!former.origin().idOwner().equals(origin.idOwner())) {
        conflicts.outdateIds();
      }
    }
  }

  private @Nullable SavedInventory find(Predicate<Origin> condition) {
    return saved.stream()
        .filter(former -> condition.test(former.origin()))
        .findFirst()
        .orElse(null);
  }

  /** False if the saved state cannot be read. */
  private static boolean restore(Inventory inventory, SavedInventory former) {
    try {
      inventory.restore(former);
      return true;
    } catch (MalformedMessageException e) {
      SavedState.reportLoss(e);
      return false;
    }
  }

  /**
   * The inventories of runtimes that had pod sandboxes or containers before the restart and are no
   * longer configured. Call it once, after all configured ones were opened.
   */
  public synchronized List<Inventory> openUnconfigured() {
    List<Inventory> unconfigured = new ArrayList<>();
    for (SavedInventory former : saved) {
      Inventory inventory = create(former.origin(), false);
      if (restore(inventory, former)) {
        conflicts.giveUpWhatOthersHave(inventory, all);
        unconfigured.add(inventory);
      }
    }
    saved.clear();
    unconfigured.stream().filter(Inventory::isEmpty).forEach(Inventory::retire);
    unconfigured.removeIf(Inventory::isEmpty);
    dropOldest(unconfigured);
    unconfigured.forEach(former -> former.setMembership(Membership.UNCONFIGURED));
    all = ImmutableList.<Inventory>builder().addAll(all).addAll(unconfigured).build();
    return unconfigured;
  }

  /** Newly left out ones come first, since configured ones are saved first. */
  private static void dropOldest(List<Inventory> unconfigured) {
    if (unconfigured.size() > Limits.MAX_FORMER) {
      List<Inventory> dropped = unconfigured.subList(Limits.MAX_FORMER, unconfigured.size());
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

  /**
   * Runs {@code action} when all objects of a runtime that is no longer configured turned out to be
   * those of a configured one.
   */
  public void whenEmptied(Consumer<Inventory> action) {
    conflicts.whenEmptied(action);
  }

  /** A runtime was removed from the router. Its objects are no longer listed. */
  public void remove(Inventory inventory) {
    synchronized (this) {
      inventory.retire();
      List<Inventory> others = new ArrayList<>(all);
      others.remove(inventory);
      if (idsAreNative) {
        others.add(inventory);
        dropOldestRemoved(others);
      }
      all = List.copyOf(others);
    }
    state.changed();
  }

  private static void dropOldestRemoved(List<Inventory> inventories) {
    List<Inventory> removed = inventories.stream().filter(Inventory::isRemoved).toList();
    if (removed.size() > Limits.MAX_FORMER) {
      inventories.remove(removed.get(0));
    }
  }

  /**
   * Whether the client may use ids that their runtime does not have any more: a runtime was
   * renamed, or got another id prefix, over this restart or an earlier one.
   */
  public boolean idsAreOutdated() {
    return conflicts.areOutdated();
  }

  /** Whether ids carry no prefix, so that the owner is found by the whole id. */
  public boolean idsAreNative() {
    return idsAreNative;
  }

  /** The state in which they are saved. */
  public SavedState state() {
    return state;
  }

  /** The next sequence number, see {@link Inventory}. */
  long nextNumber() {
    return numbers.incrementAndGet();
  }

  void changed() {
    state.changed();
  }

  void appeared(Inventory inventory, List<Changes.NewId> newIds) {
    conflicts.appeared(inventory, newIds, all);
  }

  /**
   * The inventory of the runtime at which the pod with this uid has, or may have, its newest
   * sandbox; null if there is none.
   */
  public @Nullable Inventory ofPod(String uid) {
    Inventory owner = null;
    Placement newest = null;
    if (!uid.isEmpty()) {
      for (Inventory inventory : all) {
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
      for (Inventory inventory : all) {
        String uid = inventory.uidOfConfigSeen(seen);
        if (!uid.isEmpty()) {
          return ofPod(uid);
        }
      }
    }
    return null;
  }

  /** Resolves an id or the beginning of one. */
  public Resolution resolve(Kind kind, String id) {
    return Resolution.of(all, kind, id);
  }
}
