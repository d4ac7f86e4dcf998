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

/** The saved form of an inventory. */
final class SavedInventory {
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

  private SavedInventory() {}

  /**
   * @param withRemoved whether ids that were removed recently are saved too
   */
  static ByteString write(Inventory.Origin origin, Contents contents, boolean withRemoved) {
    WireWriter head =
        new WireWriter()
            .string(NAME, origin.name().value())
            .string(ADDRESS, origin.address())
            .string(ID_PREFIX, origin.idOwner().prefix());
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
      head.flag(field(kind, KNOWN), list.isKnown());
      if (withRemoved) {
        list.allRemoved().forEach(id -> head.element(field(kind, REMOVED), id));
      }
    }
    MessageRope inventory = new MessageRope().raw(head.toByteString());
    for (Kind kind : Kind.values()) {
      contents.of(kind).all().forEach(item -> inventory.message(field(kind, ITEM), item.bytes()));
    }
    for (Item container : contents.containers.all()) {
      ByteString status = contents.statuses.of(container.id(), container.state());
      if (status != null) {
        inventory.message(STATUS, status);
      }
    }
    return inventory.toByteString();
  }

  /** The saved form of the inventory of a runtime that was removed from the router. */
  static ByteString asRemoved(ByteString saved) {
    return saved.concat(new WireWriter().flag(IS_REMOVED, true).toByteString());
  }

  /** Whether the runtime of a saved inventory was removed from the router. */
  static boolean isRemoved(WireMessage saved) throws MalformedMessageException {
    return saved.number(IS_REMOVED) != 0;
  }

  private static int field(Kind kind, int what) {
    return kind.savedFields + what;
  }

  /** The runtime of a saved inventory. */
  static Inventory.Origin origin(WireMessage saved) throws MalformedMessageException {
    try {
      return new Inventory.Origin(
          IdOwner.of(BackendName.of(saved.string(NAME)), saved.string(ID_PREFIX)),
          saved.string(ADDRESS));
    } catch (IllegalArgumentException e) {
      throw new MalformedMessageException("the state has an invalid name: " + e.getMessage());
    }
  }

  /** Reads what {@link #write} wrote into {@code contents}, which are empty. */
  static void read(WireMessage saved, Contents contents, long number, Scheduler scheduler)
      throws MalformedMessageException {
    for (WireMessage creation : saved.messages(UNCERTAIN)) {
      contents.uncertain.add(
          new UncertainCreations.Creation(
              creation.string(UNCERTAIN_UID),
              creation.string(UNCERTAIN_SEEN),
              Entries.nanos(scheduler.now()),
              scheduler.nanoTime(),
              number));
    }
    for (Kind kind : Kind.values()) {
      List<Item> items = new ArrayList<>();
      for (WireMessage entry : saved.messages(field(kind, ITEM))) {
        items.add(kind.item(entry.string(kind.idField), entry, number));
      }
      contents
          .of(kind)
          .restore(items, saved.strings(field(kind, REMOVED)), saved.flag(field(kind, KNOWN)));
    }
    for (ByteString bytes : saved.values(STATUS)) {
      WireMessage status = WireMessage.parse(bytes);
      String id = status.string(ContainerStatus.ID_FIELD_NUMBER);
      long state = status.number(ContainerStatus.STATE_FIELD_NUMBER);
      var unused = contents.statuses.show(id, bytes, state, number);
    }
  }
}
