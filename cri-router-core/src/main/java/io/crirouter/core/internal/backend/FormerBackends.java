package io.crirouter.core.internal.backend;

import io.crirouter.core.BackendName;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The backends that were removed while the router ran, by the prefix of their ids: it stays theirs,
 * so that an id of theirs is never taken for another's. Thread-safe; holds the last {@value
 * #MAX_PREFIXES}.
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

  /** The same runtime is back, or another one where ids have no prefix. */
  synchronized void returned(Backend backend) {
    byPrefix.remove(backend.idPrefix());
  }

  /** Whose this prefix was, separator included; null if nobody's. */
  public synchronized @Nullable BackendName ofPrefix(String prefix) {
    return byPrefix.get(prefix);
  }

  /** With whose prefix {@code id} begins; null if with nobody's. */
  public synchronized @Nullable BackendName ownerOf(String id) {
    for (Map.Entry<String, BackendName> entry : byPrefix.entrySet()) {
      if (id.startsWith(entry.getKey())) {
        return entry.getValue();
      }
    }
    return null;
  }
}
