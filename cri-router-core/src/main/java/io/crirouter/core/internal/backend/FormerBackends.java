package io.crirouter.core.internal.backend;

import com.google.protobuf.ByteString;
import io.crirouter.core.BackendName;
import io.crirouter.core.internal.inventory.SavedState;
import io.crirouter.core.internal.wire.MalformedMessageException;
import io.crirouter.core.internal.wire.WireMessage;
import io.crirouter.core.internal.wire.WireWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The backends that were removed from the router, by id prefix, also those from before a restart.
 * The prefix stays reserved, so that an old id never reaches another backend. Thread-safe; keeps
 * the last {@value #MAX_PREFIXES}.
 */
public final class FormerBackends {
  private static final int MAX_PREFIXES = 1024;
  private static final int PREFIX = 1;
  private static final int NAME = 2;

  private final SavedState state;
  private final Map<String, BackendName> byPrefix = new LinkedHashMap<>();

  /**
   * The removed backends that {@code state} has.
   *
   * @param forgotten whose prefixes are free again
   */
  public FormerBackends(SavedState state, Set<BackendName> forgotten) {
    this.state = state;
    try {
      for (ByteString saved : state.loaded(SavedState.FORMER_BACKENDS)) {
        WireMessage former = WireMessage.parse(saved);
        byPrefix.put(former.string(PREFIX), BackendName.of(former.string(NAME)));
      }
    } catch (MalformedMessageException | IllegalArgumentException e) {
      SavedState.reportLoss(e);
    }
    state.add(SavedState.FORMER_BACKENDS, this::save);
    if (byPrefix.values().removeAll(forgotten)) {
      state.changed();
    }
  }

  private synchronized List<ByteString> save() {
    return byPrefix.entrySet().stream()
        .map(
            former ->
                new WireWriter()
                    .string(PREFIX, former.getKey())
                    .string(NAME, former.getValue().value())
                    .toByteString())
        .toList();
  }

  void left(Backend backend) {
    synchronized (this) {
      byPrefix.remove(backend.idPrefix());
      byPrefix.put(backend.idPrefix(), backend.name());
      if (byPrefix.size() > MAX_PREFIXES) {
        byPrefix.remove(byPrefix.keySet().iterator().next());
      }
    }
    state.changed();
  }

  /** Called when the same runtime was added again, or another one while ids have no prefix. */
  void returned(Backend backend) {
    boolean isChange;
    synchronized (this) {
      isChange = byPrefix.remove(backend.idPrefix()) != null;
    }
    if (isChange) {
      state.changed();
    }
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
