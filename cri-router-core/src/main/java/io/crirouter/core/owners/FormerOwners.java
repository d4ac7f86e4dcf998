package io.crirouter.core.owners;

import com.google.protobuf.ByteString;
import io.crirouter.core.BackendName;
import io.crirouter.core.Scheduler;
import io.crirouter.core.state.Memory;
import io.crirouter.core.wire.MalformedMessageException;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Whose ids were that the client knew before the node changed over from native ids: a kubelet goes
 * on using them until it has listed once more. Kept for a while after each start. Thread-safe.
 */
public final class FormerOwners {
  /** Twice the longest time after which any kubelet lists anew. */
  private static final Duration KEPT_FOR = Duration.ofMinutes(10);

  private static final System.Logger LOG = System.getLogger("io.crirouter");

  private volatile Map<String, BackendName> owners = Map.of();
  private volatile ByteString kept = ByteString.EMPTY;

  /**
   * @param primary whose ids need not be known: they are what they were
   */
  public FormerOwners(BackendName primary, Memory memory, Scheduler scheduler) {
    ByteString remembered = memory.register(KeptOwners.PART, () -> kept);
    if (remembered == null || remembered.isEmpty()) {
      return;
    }
    owners = read(primary, remembered);
    kept = remembered;
    Runnable unused =
        scheduler.schedule(
            KEPT_FOR,
            () -> {
              owners = Map.of();
              kept = ByteString.EMPTY;
              memory.changed();
            });
  }

  private static Map<String, BackendName> read(BackendName primary, ByteString remembered) {
    Map<String, BackendName> owners = new HashMap<>();
    try {
      List<KeptOwners> all = KeptOwners.read(remembered);
      for (KeptOwners its : all) {
        for (Collection<String> ids : its.all()) {
          ids.forEach(id -> owners.put(id, its.owner()));
        }
      }
    } catch (MalformedMessageException | IllegalArgumentException e) {
      LOG.log(
          System.Logger.Level.ERROR,
          "whose native ids were whose was lost in the restart: {0}",
          e.getMessage());
    }
    owners.values().removeIf(primary::equals);
    return Map.copyOf(owners);
  }

  /** The runtime, not the primary, whose native id this was; null if none is known. */
  public @Nullable BackendName ownerOf(String id) {
    return owners.get(id);
  }
}
