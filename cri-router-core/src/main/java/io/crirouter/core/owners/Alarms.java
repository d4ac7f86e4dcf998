package io.crirouter.core.owners;

import io.crirouter.core.BackendName;
import io.crirouter.proto.routing.Reference;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What people must hear of. Noted at once and told later, since a log may do anything and is not to
 * be written to within a lock. Thread-safe.
 */
final class Alarms {
  private static final System.Logger LOG = System.getLogger("io.crirouter");

  /** Of two runtimes that make the same ids there may be no end of collisions. */
  private static final int MAX_AT_ONCE = 20;

  private final Set<BackendName> malformed = ConcurrentHashMap.newKeySet();
  private List<String> untold = new ArrayList<>();

  /** Two backends say that an id is theirs. */
  void collision(Reference kind, String id, BackendName one, BackendName other) {
    note(
        String.format(
            "%s %s is claimed by runtime %s and by runtime %s: calls for it are refused until one of"
                + " them has it no more, or ids are prefixed",
            word(kind), id, one, other));
  }

  /** A backend's answer cannot be read. Said once of each. */
  void malformed(BackendName backend, Exception why) {
    if (malformed.add(backend)) {
      note(
          String.format(
              "runtime %s answers malformed messages, from which no owners of ids can be learned: %s",
              backend, why.getMessage()));
    }
  }

  /** Tells what was noted. */
  void ring() {
    List<String> lines;
    synchronized (this) {
      if (untold.isEmpty()) {
        return;
      }
      lines = untold;
      untold = new ArrayList<>();
    }
    lines.forEach(line -> LOG.log(System.Logger.Level.ERROR, line));
  }

  private static String word(Reference kind) {
    return kind == Reference.POD_SANDBOX_ID ? "pod sandbox" : "container";
  }

  private synchronized void note(String line) {
    if (untold.size() < MAX_AT_ONCE) {
      untold.add(line);
    }
  }
}
