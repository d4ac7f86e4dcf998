package io.crirouter.core.internal.backend;

import com.google.protobuf.ByteString;
import io.crirouter.core.BackendName;
import io.crirouter.core.IdOwner;
import io.crirouter.core.internal.inventory.SavedState;
import io.crirouter.core.internal.wire.MalformedMessageException;
import io.crirouter.core.internal.wire.WireMessage;
import io.crirouter.core.internal.wire.WireWriter;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Set;

/**
 * The backends that were removed from the router, also those from before a restart. Their ids stay
 * reserved, so that an old id never reaches another backend. Thread-safe; keeps the last {@value
 * #MAX_OWNERS}.
 */
public final class FormerBackends {
  private static final int MAX_OWNERS = 1024;
  private static final int PREFIX = 1;
  private static final int NAME = 2;

  private final SavedState state;

  /** The last one first. */
  private final Deque<IdOwner> owners = new ArrayDeque<>();

  /** A copy of {@link #owners}: each call by an unknown id asks for them. */
  private volatile List<IdOwner> all = List.of();

  /**
   * The removed backends that {@code state} has.
   *
   * @param forgotten whose ids are free again
   */
  public FormerBackends(SavedState state, Set<BackendName> forgotten) {
    this.state = state;
    try {
      for (ByteString saved : state.loaded(SavedState.FORMER_BACKENDS)) {
        WireMessage former = WireMessage.parse(saved);
        owners.add(IdOwner.of(BackendName.of(former.string(NAME)), former.string(PREFIX)));
      }
    } catch (MalformedMessageException | IllegalArgumentException e) {
      SavedState.reportLoss(e);
    }
    state.add(SavedState.FORMER_BACKENDS, this::save);
    if (owners.removeIf(owner -> forgotten.contains(owner.name()))) {
      state.changed();
    }
    all = List.copyOf(owners);
  }

  private List<ByteString> save() {
    return all.stream()
        .map(
            owner ->
                new WireWriter()
                    .string(PREFIX, owner.prefix())
                    .string(NAME, owner.name().value())
                    .toByteString())
        .toList();
  }

  void left(Backend backend) {
    synchronized (this) {
      owners.remove(backend.idOwner());
      owners.addFirst(backend.idOwner());
      if (owners.size() > MAX_OWNERS) {
        owners.removeLast();
      }
      all = List.copyOf(owners);
    }
    state.changed();
  }

  /** Called when the same backend was added again. */
  void returned(Backend backend) {
    boolean isChange;
    synchronized (this) {
      isChange = owners.remove(backend.idOwner());
      all = List.copyOf(owners);
    }
    if (isChange) {
      state.changed();
    }
  }

  /** The owners of reserved ids, the last one first. */
  public List<IdOwner> owners() {
    return all;
  }
}
