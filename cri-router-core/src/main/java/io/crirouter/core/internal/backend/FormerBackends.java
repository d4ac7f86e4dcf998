package io.crirouter.core.internal.backend;

import io.crirouter.core.BackendName;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The backends that were removed while the router ran, by id prefix. The prefix stays reserved, so
 * that an old id never reaches another backend. Thread-safe; keeps the last {@value #MAX_PREFIXES}.
 */
public final class FormerBackends {
  private static final int MAX_PREFIXES = 1024;

  private final Map<String, BackendName> byPrefix = new LinkedHashMap<>();

  synchronized void left(Backend backend) {
    byPrefix.remove(backend.idPrefix());
    byPrefix.put(backend.idPrefix(), backend.name());
    if (byPrefix.size() > MAX_PREFIXES) {
      byPrefix.remove(byPrefix.keySet().iterator().next());
    }
  }

  /** Called when the same runtime was added again, or another one while ids have no prefix. */
  synchronized void returned(Backend backend) {
    byPrefix.remove(backend.idPrefix());
  }

  /** The removed backend that had this prefix, separator included; null if there is none. */
  public synchronized @Nullable BackendName ofPrefix(String prefix) {
    return byPrefix.get(prefix);
  }

  /** The removed backend with whose prefix {@code id} begins; null if there is none. */
  public synchronized @Nullable BackendName ownerOf(String id) {
    for (Map.Entry<String, BackendName> entry : byPrefix.entrySet()) {
      if (id.startsWith(entry.getKey())) {
        return entry.getValue();
      }
    }
    return null;
  }
}
