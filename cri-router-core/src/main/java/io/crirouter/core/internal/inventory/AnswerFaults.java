package io.crirouter.core.internal.inventory;

import io.crirouter.core.internal.call.ClippedText;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/** Logs faults in the responses of one runtime, each kind once. Thread-safe. */
final class AnswerFaults {
  private static final System.Logger LOG = System.getLogger("io.crirouter");

  private static final String ORPHANS = "containers without pod sandboxes";

  private final Supplier<Origin> origin;
  private final Set<String> reported = ConcurrentHashMap.newKeySet();

  /** Of the runtime that has this origin at the time of a report. */
  AnswerFaults(Supplier<Origin> origin) {
    this.origin = origin;
  }

  /** A list has unusable entries. */
  void report(Kind kind, String faults) {
    if (!faults.isEmpty() && reported.add("list of " + kind)) {
      LOG.log(
          System.Logger.Level.WARNING,
          "runtime {0} {1}: they are left out or not kept",
          origin.get(),
          ClippedText.of(faults));
    }
  }

  /** Whether a container without a pod sandbox was reported. */
  boolean hasReportedOrphans() {
    return reported.contains(ORPHANS);
  }

  /** A container whose pod sandbox the runtime does not list; nothing if the id is empty. */
  void orphan(String container) {
    if (!container.isEmpty() && reported.add(ORPHANS)) {
      LOG.log(
          System.Logger.Level.WARNING,
          "runtime {0} lists containers whose pod sandboxes it does not list, {1} for example",
          origin.get(),
          container);
    }
  }

  /** A malformed response that was passed on and did not update the inventory. */
  void malformed(String rpc, Exception why) {
    if (reported.add(rpc)) {
      LOG.log(
          System.Logger.Level.WARNING,
          "runtime {0} sent a malformed {1} response, its last known state is not updated: {2}",
          origin.get(),
          rpc,
          why.getMessage());
    }
  }
}
