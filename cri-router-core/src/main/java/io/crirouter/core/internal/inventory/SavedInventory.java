package io.crirouter.core.internal.inventory;

import com.google.protobuf.ByteString;
import io.crirouter.core.BackendName;
import io.crirouter.core.IdOwner;
import io.crirouter.core.Scheduler;
import io.crirouter.core.internal.wire.MalformedMessageException;
import io.crirouter.core.internal.wire.MessageRope;
import io.crirouter.core.internal.wire.WireMessage;
import io.crirouter.core.internal.wire.WireWriter;
import io.crirouter.proto.v1.ContainerStatus;
import java.util.ArrayList;
import java.util.List;

/**
 * The saved form of an inventory.
 *
 * @param isRemoved whether the runtime was removed from the router
 */
record SavedInventory(Origin origin, boolean isRemoved, WireMessage content) {
  private static final int NAME = 1;
  private static final int ADDRESS = 2;
  private static final int ID_PREFIX = 3;
  private static final int UNCERTAIN = 4;
  private static final int IS_REMOVED = 5;
  private static final int STATUS = 6;

  /** Offsets from the first field of each kind. */
  private static final int ITEM = 0;

  private static final int REMOVED = 1;
  private static final int KNOWN = 2;

  private static final int UNCERTAIN_UID = 1;
  private static final int UNCERTAIN_SEEN = 2;

  /**
   * @param withRemoved whether ids that were removed recently are saved too
   */
  static ByteString write(Inventory inventory, boolean withRemoved) {
    Origin origin = inventory.origin();
    Contents contents = inventory.contents;
    WireWriter head =
        new WireWriter()
            .string(NAME, origin.name().value())
            .string(ADDRESS, origin.address())
            .string(ID_PREFIX, origin.idOwner().prefix())
            .flag(IS_REMOVED, inventory.isRemoved());
    for (UncertainCreations.Creation creation : contents.uncertain.all()) {
      head.message(
          UNCERTAIN,
          new WireWriter()
              .string(UNCERTAIN_UID, creation.uid())
              .string(UNCERTAIN_SEEN, creation.seen())
              .toByteString());
    }
    for (Kind kind : Kind.values()) {
      ItemList list = contents.of(kind);
      head.flag(field(kind, KNOWN), list.completeness.isKnown());
      if (withRemoved) {
        list.removed.all().forEach(id -> head.element(field(kind, REMOVED), id));
      }
    }
    MessageRope saved = new MessageRope().raw(head.toByteString());
    for (Kind kind : Kind.values()) {
      contents.of(kind).all().forEach(item -> saved.message(field(kind, ITEM), item.bytes()));
    }
    for (Item container : contents.containers.all()) {
      ByteString status = contents.statuses.of(container.id(), container.state());
      if (status != null) {
        saved.message(STATUS, status);
      }
    }
    return saved.toByteString();
  }

  private static int field(Kind kind, int what) {
    return kind.savedFields + what;
  }

  /** Reads saved inventories. All are reported as lost if one cannot be read. */
  static List<SavedInventory> readAll(List<ByteString> inventories) {
    List<SavedInventory> all = new ArrayList<>();
    try {
      for (ByteString inventory : inventories) {
        all.add(read(WireMessage.parse(inventory)));
      }
      return all;
    } catch (MalformedMessageException e) {
      SavedState.reportLoss(e);
      return List.of();
    }
  }

  private static SavedInventory read(WireMessage saved) throws MalformedMessageException {
    try {
      IdOwner owner = IdOwner.of(BackendName.of(saved.string(NAME)), saved.string(ID_PREFIX));
      return new SavedInventory(
          new Origin(owner, saved.string(ADDRESS)), saved.flag(IS_REMOVED), saved);
    } catch (IllegalArgumentException e) {
      throw new MalformedMessageException("the state has an invalid name: " + e.getMessage());
    }
  }

  /** Restores {@code contents}, which are empty. */
  void restore(Contents contents, long number, Scheduler scheduler)
      throws MalformedMessageException {
    for (WireMessage creation : content.messages(UNCERTAIN)) {
      contents.uncertain.add(
          creation.string(UNCERTAIN_UID), creation.string(UNCERTAIN_SEEN), scheduler, number);
    }
    for (Kind kind : Kind.values()) {
      List<Item> items = new ArrayList<>();
      for (WireMessage entry : content.messages(field(kind, ITEM))) {
        items.add(kind.item(entry.string(kind.idField), entry, Item.Reports.of(number)));
      }
      contents
          .of(kind)
          .restore(items, content.strings(field(kind, REMOVED)), content.flag(field(kind, KNOWN)));
    }
    for (ByteString bytes : content.values(STATUS)) {
      WireMessage status = WireMessage.parse(bytes);
      String id = status.string(ContainerStatus.ID_FIELD_NUMBER);
      long state = status.number(ContainerStatus.STATE_FIELD_NUMBER);
      var unused = contents.statuses.show(id, bytes, state, number);
    }
  }
}
