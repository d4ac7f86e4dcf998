package io.crirouter.core.internal.inventory;

import io.crirouter.core.internal.call.ClippedText;
import io.crirouter.core.internal.wire.MalformedMessageException;
import io.crirouter.core.internal.wire.WireMessage;
import java.time.Instant;
import java.util.Optional;

/** One pod sandbox, container or image of a runtime, for people. Immutable. */
public final class InventoryObject {
  private final Kind kind;
  private final Item item;

  InventoryObject(Kind kind, Item item) {
    this.kind = kind;
    this.item = item;
  }

  /** What it is. */
  public Kind kind() {
    return kind;
  }

  /** Its whole id at the runtime. */
  public String id() {
    return item.id();
  }

  /** What people call it, clipped; empty if its runtime told nothing. */
  public String name() {
    try {
      return ClippedText.of(kind.name(WireMessage.parse(item.bytes())));
    } catch (MalformedMessageException e) {
      return "";
    }
  }

  /** What CRI calls its state; empty for an image. */
  public String state() {
    return kind.stateName(item.state());
  }

  /** The id at the runtime of the pod sandbox that a container is in; empty for all others. */
  public String podSandboxId() {
    return kind == Kind.CONTAINER ? item.group() : "";
  }

  /** When a pod sandbox was created; empty for all others. */
  public Optional<Instant> createdAt() {
    return item.createdAt() == 0
        ? Optional.empty()
        : Optional.of(Instant.EPOCH.plusNanos(item.createdAt()));
  }
}
