package io.crirouter.core.internal.inventory;

import com.google.protobuf.ByteString;
import io.crirouter.core.CriMethod;
import io.crirouter.core.internal.schema.Rpcs;
import io.crirouter.core.internal.wire.ListEntry;
import io.crirouter.core.internal.wire.MalformedMessageException;
import io.crirouter.core.internal.wire.WireMessage;
import io.crirouter.core.internal.wire.WireWriter;
import io.crirouter.proto.routing.Effect;
import io.crirouter.proto.routing.Reference;
import io.crirouter.proto.v1.Container;
import io.crirouter.proto.v1.ContainerMetadata;
import io.crirouter.proto.v1.ContainerState;
import io.crirouter.proto.v1.Image;
import io.crirouter.proto.v1.ListContainersResponse;
import io.crirouter.proto.v1.ListImagesResponse;
import io.crirouter.proto.v1.ListPodSandboxResponse;
import io.crirouter.proto.v1.PodSandbox;
import io.crirouter.proto.v1.PodSandboxMetadata;
import io.crirouter.proto.v1.PodSandboxState;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The kinds of objects that a runtime has and lists. */
public enum Kind {
  /** Pod sandboxes; grouped by the uid of their pod. */
  POD_SANDBOX(
      "pod sandbox",
      10,
      Rpcs.LIST_POD_SANDBOX,
      ListPodSandboxResponse.ITEMS_FIELD_NUMBER,
      PodSandbox.ID_FIELD_NUMBER,
      PodSandbox.STATE_FIELD_NUMBER,
      0,
      Filter::sandbox) {
    @Override
    Item item(String id, WireMessage item, Item.Reports reports) throws MalformedMessageException {
      String uid =
          item.message(PodSandbox.METADATA_FIELD_NUMBER)
              .string(PodSandboxMetadata.UID_FIELD_NUMBER);
      return new Item(
          id,
          Limits.isUid(uid) ? uid : "",
          ConfigSeen.of(item, PodSandbox.ANNOTATIONS_FIELD_NUMBER),
          item.number(PodSandbox.STATE_FIELD_NUMBER),
          item.number(PodSandbox.CREATED_AT_FIELD_NUMBER),
          item.toByteString(),
          reports);
    }

    @Override
    String name(WireMessage item) throws MalformedMessageException {
      WireMessage metadata = item.message(PodSandbox.METADATA_FIELD_NUMBER);
      return metadata.string(PodSandboxMetadata.NAMESPACE_FIELD_NUMBER)
          + "/"
          + metadata.string(PodSandboxMetadata.NAME_FIELD_NUMBER);
    }
  },
  /** Containers; grouped by their pod sandbox. */
  CONTAINER(
      "container",
      20,
      Rpcs.LIST_CONTAINERS,
      ListContainersResponse.CONTAINERS_FIELD_NUMBER,
      Container.ID_FIELD_NUMBER,
      Container.STATE_FIELD_NUMBER,
      Container.IMAGE_FIELD_NUMBER,
      Filter::container) {
    @Override
    Item item(String id, WireMessage item, Item.Reports reports) throws MalformedMessageException {
      String sandbox = item.string(Container.POD_SANDBOX_ID_FIELD_NUMBER);
      long state = item.number(Container.STATE_FIELD_NUMBER);
      String group = Limits.isId(sandbox) ? sandbox : "";
      return new Item(id, group, "", state, 0, item.toByteString(), reports);
    }

    @Override
    String name(WireMessage item) throws MalformedMessageException {
      return item.message(Container.METADATA_FIELD_NUMBER)
          .string(ContainerMetadata.NAME_FIELD_NUMBER);
    }
  },
  /** Images. */
  IMAGE(
      "image",
      30,
      Rpcs.LIST_IMAGES,
      ListImagesResponse.IMAGES_FIELD_NUMBER,
      Image.ID_FIELD_NUMBER,
      0,
      Image.SPEC_FIELD_NUMBER,
      Filter::image) {
    @Override
    Item item(String id, WireMessage item, Item.Reports reports) {
      return new Item(id, "", "", 0, 0, item.toByteString(), reports);
    }

    @Override
    String name(WireMessage item) {
      List<String> names = new ArrayList<>(item.strings(Image.REPO_TAGS_FIELD_NUMBER));
      names.addAll(item.strings(Image.REPO_DIGESTS_FIELD_NUMBER));
      return names.isEmpty() ? "" : names.get(0);
    }
  };

  private final String word;
  private final CriMethod listRpc;
  final int itemsField;
  final int idField;
  final int stateField;

  /** A message field in which the order of fields does not matter, as in the item itself. */
  final int nestedField;

  private final Filter filter;

  /** Its first field number in a saved inventory. */
  final int savedFields;

  Kind(
      String word,
      int savedFields,
      CriMethod listRpc,
      int itemsField,
      int idField,
      int stateField,
      int nestedField,
      Filter filter) {
    this.word = word;
    this.savedFields = savedFields;
    this.listRpc = listRpc;
    this.itemsField = itemsField;
    this.idField = idField;
    this.stateField = stateField;
    this.nestedField = nestedField;
    this.filter = filter;
  }

  /** Reads the needed fields of an entry of a list. */
  abstract Item item(String id, WireMessage item, Item.Reports reports)
      throws MalformedMessageException;

  /** What people call it; see {@link io.crirouter.core.OwnedObject#name}. */
  abstract String name(WireMessage item) throws MalformedMessageException;

  /** Reads an entry of a list. */
  final Item item(ListEntry entry, Item.Reports reports) throws MalformedMessageException {
    return item(entry.id(), WireMessage.parse(entry.bytes()), reports);
  }

  /** Reads an entry that was made from another message. */
  final Item item(ByteString bytes, Item.Reports reports) throws MalformedMessageException {
    WireMessage item = WireMessage.parse(bytes);
    return item(item.string(idField), item, reports);
  }

  /** The response to a list request, of those {@code items} that pass its filter. */
  final ByteString list(Collection<Item> items, ByteString request)
      throws MalformedMessageException {
    WireMessage wanted = WireMessage.parse(request).message(Filter.FIELD);
    WireWriter response = new WireWriter();
    for (Item item : items) {
      if (filter.matches(wanted, WireMessage.parse(item.bytes()))) {
        response.message(itemsField, item.bytes());
      }
    }
    return response.toByteString();
  }

  /** What CRI calls the state with this number; empty for an image. */
  final String stateName(long state) {
    return switch (this) {
      case POD_SANDBOX -> nameOf(PodSandboxState.forNumber((int) state), state);
      case CONTAINER -> nameOf(ContainerState.forNumber((int) state), state);
      case IMAGE -> "";
    };
  }

  private static String nameOf(@Nullable Enum<?> known, long state) {
    return known == null ? Long.toString(state) : known.name();
  }

  /** The unary rpc that lists all of them. */
  public CriMethod listRpc() {
    return listRpc;
  }

  /** The kind of object to which a reference of this kind refers. */
  public static Kind of(Reference reference) {
    return switch (reference) {
      case POD_SANDBOX_ID -> POD_SANDBOX;
      case CONTAINER_ID -> CONTAINER;
      default -> throw new IllegalArgumentException(reference + " is no id of an object");
    };
  }

  /**
   * The kind of object that an rpc with this effect lists; null if it lists nothing that is kept.
   */
  public static @Nullable Kind listedBy(Effect effect) {
    return switch (effect) {
      case LISTS_POD_SANDBOXES -> POD_SANDBOX;
      case LISTS_CONTAINERS -> CONTAINER;
      case LISTS_IMAGES -> IMAGE;
      default -> null;
    };
  }

  /** The kind, for messages. */
  @Override
  public String toString() {
    return word;
  }
}
