package io.crirouter.core.internal.inventory;

import com.google.common.cache.Cache;
import com.google.common.cache.CacheBuilder;
import io.crirouter.core.BackendName;
import io.crirouter.core.Scheduler;
import java.time.Duration;

/** Logs ids that two runtimes have, a limited number per minute. Thread-safe. */
final class IdConflicts {
  private static final System.Logger LOG = System.getLogger("io.crirouter");

  /** Two runtimes that make the same ids can cause any number of conflicts. */
  private static final int MAX_PER_MINUTE = 20;

  private final Cache<String, Boolean> lately;

  IdConflicts(Scheduler scheduler) {
    lately =
        CacheBuilder.newBuilder()
            .expireAfterWrite(Duration.ofMinutes(1))
            .ticker(new SchedulerTicker(scheduler))
            .build();
  }

  void report(Kind kind, String id, BackendName one, BackendName other) {
    lately.cleanUp();
    if (lately.size() < MAX_PER_MINUTE) {
      lately.put(kind + id, true);
      LOG.log(
          System.Logger.Level.ERROR,
          "{0} {1} is claimed by runtime {2} and by runtime {3}: calls for it are refused until one"
              + " of them has removed it, or ids are prefixed",
          kind,
          id,
          one,
          other);
    }
  }
}
