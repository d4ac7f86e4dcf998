package io.crirouter.core.internal.inventory;

import com.google.common.cache.Cache;
import com.google.common.cache.CacheBuilder;
import com.google.protobuf.ByteString;
import io.crirouter.core.BackendName;
import io.crirouter.core.Scheduler;
import io.crirouter.core.internal.inventory.Inventories.Membership;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/**
 * Decides whose an id is that two runtimes have. Ids are unique: a runtime that is no longer
 * configured and has the same id is this runtime under its former name. Two that are configured are
 * in conflict, which is logged a limited number of times per minute. Thread-safe.
 */
final class IdConflicts {
  private static final System.Logger LOG = System.getLogger("io.crirouter");

  /** Two runtimes that make the same ids can cause any number of conflicts. */
  private static final int MAX_PER_MINUTE = 20;

  private final SavedState state;
  private final boolean idsAreNative;
  private final Cache<String, Boolean> lately;

  /** Once true, it stays so. */
  private volatile boolean areOutdated;

  private Consumer<Inventory> whenEmptied = inventory -> {};

  IdConflicts(SavedState state, Scheduler scheduler, boolean idsAreNative) {
    this.state = state;
    this.idsAreNative = idsAreNative;
    this.lately =
        CacheBuilder.newBuilder()
            .expireAfterWrite(Duration.ofMinutes(1))
            .ticker(new SchedulerTicker(scheduler))
            .build();
    this.areOutdated = !state.loaded(SavedState.OUTDATED_IDS).isEmpty();
    state.add(SavedState.OUTDATED_IDS, () -> areOutdated ? List.of(ByteString.EMPTY) : List.of());
  }

  /** See {@link Inventories#whenEmptied}. */
  void whenEmptied(Consumer<Inventory> action) {
    whenEmptied = action;
  }

  /** See {@link Inventories#idsAreOutdated}. */
  boolean areOutdated() {
    return areOutdated;
  }

  void outdateIds() {
    if (!areOutdated) {
      areOutdated = true;
      state.changed();
    }
  }

  /** Compares a runtime that is no longer configured with {@code others}. */
  void giveUpWhatOthersHave(Inventory former, List<Inventory> others) {
    for (Changes.NewId id : former.takeNewIds()) {
      if (others.stream().anyMatch(other -> !other.isRemoved() && other.has(id.kind(), id.id()))
          && former.giveUp(id.kind(), id.id())) {
        outdateIds();
      }
    }
  }

  /** Ids of {@code inventory} were not known before. */
  void appeared(Inventory inventory, List<Changes.NewId> newIds, List<Inventory> all) {
    for (Inventory other : all) {
      if (other != inventory && other.membership() == Membership.CONFIGURED) {
        report(inventory, other, newIds);
      } else if (other != inventory) {
        giveUp(other, newIds);
      }
    }
  }

  private void report(Inventory inventory, Inventory other, List<Changes.NewId> newIds) {
    for (Changes.NewId id : newIds) {
      if (idsAreNative && other.has(id.kind(), id.id())) {
        report(id, other.name(), inventory.name());
      }
    }
  }

  private void report(Changes.NewId id, BackendName one, BackendName other) {
    lately.cleanUp();
    if (lately.size() < MAX_PER_MINUTE) {
      lately.put(id.kind() + id.id(), true);
      LOG.log(
          System.Logger.Level.ERROR,
          "{0} {1} is claimed by runtime {2} and by runtime {3}: calls for it are refused until one"
              + " of them has removed it, or ids are prefixed",
          id.kind(),
          id.id(),
          one,
          other);
    }
  }

  private void giveUp(Inventory former, List<Changes.NewId> ids) {
    boolean gaveUp = false;
    for (Changes.NewId id : ids) {
      gaveUp |= former.giveUp(id.kind(), id.id());
    }
    if (gaveUp) {
      outdateIds();
      if (former.isEmpty()) {
        whenEmptied.accept(former);
      }
    }
  }
}
