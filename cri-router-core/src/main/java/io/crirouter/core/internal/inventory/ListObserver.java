package io.crirouter.core.internal.inventory;

import com.google.protobuf.ByteString;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.internal.call.ResponseSize;
import io.crirouter.core.internal.schema.MethodSchema;
import io.crirouter.core.internal.wire.ListEntry;
import io.crirouter.core.internal.wire.MalformedMessageException;
import io.crirouter.core.internal.wire.WellFormed;
import io.crirouter.core.internal.wire.WireMessage;
import java.util.List;

/**
 * Updates the inventory by a list when it has succeeded. A list that breaks off is not applied. The
 * time of a list is that of its request.
 */
final class ListObserver implements ResponseObserver {
  private final Inventory inventory;
  private final MethodSchema method;
  private final ItemList list;
  private final boolean isUnfiltered;
  private final long asked;
  private final long askedNanos;
  private final ListReader reader;
  private List<ListEntry> entries = List.of();
  private final ResponseSize size;
  private boolean isReadable = true;

  /**
   * @param asked the sequence number of the request, which is about to be sent
   */
  ListObserver(
      Inventory inventory, MethodSchema method, Kind kind, ByteString request, long asked) {
    this.inventory = inventory;
    this.method = method;
    this.list = inventory.contents.of(kind);
    this.isUnfiltered = isUnfiltered(request);
    this.asked = asked;
    this.askedNanos = inventory.scheduler.nanoTime();
    this.reader = new ListReader(kind);
    this.size = ResponseSize.of(inventory.isPrimary);
  }

  private static boolean isUnfiltered(ByteString request) {
    try {
      return request.isEmpty() || WireMessage.parse(request).value(Filter.FIELD).isEmpty();
    } catch (MalformedMessageException e) {
      return false;
    }
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
      list.listedAgain(asked);
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
      if (isReadable && !list.completeness.isOutdated(asked)) {
        apply(answer);
      }
    }
    inventory.publish();
  }

  private void apply(ByteString answer) throws MalformedMessageException {
    Contents contents = inventory.contents;
    if (isUnfiltered && !inventory.isPrimary && !list.room.mayHold(bytesOf(entries))) {
      return;
    }
    if (!isUnfiltered) {
      contents.listed(list.kind(), entries, asked, inventory.nextNumber());
      return;
    }
    contents.listedCompletely(list.kind(), reader.ids(), entries, asked, inventory.nextNumber());
    if (reader.isClean() && !method.serverStreaming()) {
      list.remember(answer, entries.size(), asked);
    }
    checkPods();
  }

  private static long bytesOf(List<ListEntry> entries) {
    return entries.stream().mapToLong(entry -> entry.bytes().size()).sum();
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
    // A runtime without the stream may have the unary list.
    if (status.isUnimplemented() && !method.serverStreaming()) {
      synchronized (inventory) {
        list.lacksAll(asked);
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
