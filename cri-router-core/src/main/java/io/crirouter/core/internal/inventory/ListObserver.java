package io.crirouter.core.internal.inventory;

import com.google.protobuf.ByteString;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.internal.call.ResponseSize;
import io.crirouter.core.internal.schema.MethodSchema;
import io.crirouter.core.internal.wire.ListEntry;
import io.crirouter.core.internal.wire.MalformedMessageException;
import io.crirouter.core.internal.wire.WellFormed;
import java.util.List;

/**
 * Updates the inventory by a list when it has succeeded. A list that breaks off is not applied. The
 * time of a list is that of its request.
 */
final class ListObserver implements CallObserver {
  private final Inventory inventory;
  private final MethodSchema method;
  private final ItemList list;
  private final boolean isUnfiltered;
  private final long asked;
  private final long askedNanos;
  private final ListReader reader;
  private List<ListEntry> entries = List.of();
  private final ResponseSize size = new ResponseSize();
  private boolean isReadable = true;

  /**
   * @param asked the sequence number of the request
   * @param askedNanos when the request is sent
   */
  ListObserver(
      Inventory inventory,
      MethodSchema method,
      Kind kind,
      boolean isUnfiltered,
      long asked,
      long askedNanos) {
    this.inventory = inventory;
    this.askedNanos = askedNanos;
    this.method = method;
    this.list = inventory.contents.of(kind);
    this.isUnfiltered = isUnfiltered;
    this.asked = asked;
    this.reader = new ListReader(kind);
  }

  @Override
  public ByteString onMessage(ByteString message) throws MalformedMessageException {
    boolean isWhole = isUnfiltered && !method.serverStreaming();
    if (isWhole && isRepetition(message)) {
      return message;
    }
    ByteString cleaned = read(message);
    if (!method.serverStreaming()) {
      note(message);
    }
    return inventory.isPrimary ? message : cleaned;
  }

  private boolean isRepetition(ByteString message) {
    synchronized (inventory) {
      if (!list.isRepetition(message)) {
        return false;
      }
      list.listedAgain(asked, askedNanos);
      checkPods();
    }
    inventory.publish();
    return true;
  }

  private ByteString read(ByteString message) throws MalformedMessageException {
    try {
      WellFormed.require(message, method.response());
      ListReader.Read read = reader.read(message);
      isReadable &= size.takes(message);
      if (isReadable) {
        entries = entries.isEmpty() ? read.entries() : with(read.entries());
      } else {
        entries = List.of();
      }
      return read.message();
    } catch (MalformedMessageException e) {
      isReadable = false;
      if (inventory.isPrimary) {
        inventory.faults.malformed(method.name(), e);
        return message;
      }
      throw e;
    }
  }

  private List<ListEntry> with(List<ListEntry> more) {
    entries.addAll(more);
    return entries;
  }

  private void note(ByteString answer) throws MalformedMessageException {
    inventory.faults.report(list.kind(), reader.faults());
    synchronized (inventory) {
      if (isReadable && !list.isOutdated(asked)) {
        inventory.contents.listed(list.kind(), entries, asked);
        if (isUnfiltered) {
          finish(answer);
        }
      }
    }
    inventory.publish();
  }

  private void finish(ByteString answer) {
    boolean isFirst = !list.isKnown();
    boolean isShorter = !list.listedAll(reader.ids(), asked, askedNanos).isEmpty();
    if (isFirst || isShorter) {
      inventory.contents.noteChange();
    }
    if (reader.isClean() && !method.serverStreaming()) {
      list.remember(answer);
    }
    checkPods();
  }

  private void checkPods() {
    if (list.kind() == Kind.POD_SANDBOX) {
      inventory.contents.settleUncertain(askedNanos);
      if (!inventory.isPrimary && !inventory.faults.hasReportedOrphans()) {
        inventory.faults.orphan(inventory.contents.orphan(asked));
      }
    }
  }

  @Override
  public void onClose(RpcStatus status) {
    if (status.isUnimplemented()) {
      synchronized (inventory) {
        list.lacksAll(asked, askedNanos);
      }
      inventory.publish();
    } else if (status.isOk() && method.serverStreaming()) {
      try {
        note(ByteString.EMPTY);
      } catch (MalformedMessageException e) {
        inventory.faults.malformed(method.name(), e);
      }
    }
  }
}
