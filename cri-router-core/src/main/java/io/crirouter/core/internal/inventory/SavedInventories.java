package io.crirouter.core.internal.inventory;

import com.google.protobuf.ByteString;
import io.crirouter.core.BackendName;
import io.crirouter.core.internal.wire.MalformedMessageException;
import io.crirouter.core.internal.wire.WireMessage;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The inventories that were saved before the restart and have not been opened since. Not
 * thread-safe.
 */
final class SavedInventories {
  private final List<Saved> all = new ArrayList<>();

  private record Saved(Inventory.Origin origin, WireMessage content) {}

  /** Reads the saved inventories. All are reported as lost if one cannot be read. */
  SavedInventories(List<ByteString> inventories) {
    try {
      for (ByteString inventory : inventories) {
        WireMessage content = WireMessage.parse(inventory);
        all.add(new Saved(SavedInventory.origin(content), content));
      }
    } catch (MalformedMessageException e) {
      all.clear();
      SavedState.reportLoss(e);
    }
  }

  /** Drops the saved inventories of the runtimes of this name. */
  void forget(BackendName name) {
    all.removeIf(saved -> saved.origin.name().equals(name));
  }

  /**
   * Takes out the saved inventory of a runtime; null if there is none. A runtime with another name
   * but the same address is the same runtime.
   */
  @Nullable WireMessage take(Inventory.Origin origin) {
    WireMessage same = takeFirst(origin::isSameRuntime);
    return same == null ? takeFirst(former -> origin.isAt(former.address())) : same;
  }

  private @Nullable WireMessage takeFirst(Predicate<Inventory.Origin> condition) {
    for (Iterator<Saved> rest = all.iterator(); rest.hasNext(); ) {
      Saved saved = rest.next();
      if (condition.test(saved.origin)) {
        rest.remove();
        return saved.content;
      }
    }
    return null;
  }

  /** Takes out all that remain. */
  List<WireMessage> takeAll() {
    List<WireMessage> taken = all.stream().map(Saved::content).toList();
    all.clear();
    return taken;
  }
}
