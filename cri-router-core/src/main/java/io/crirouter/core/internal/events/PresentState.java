package io.crirouter.core.internal.events;

import com.google.protobuf.ByteString;
import io.crirouter.core.internal.backend.Backend;
import io.crirouter.core.internal.inventory.Kind;
import io.crirouter.core.internal.inventory.Limits;
import io.crirouter.core.internal.wire.MalformedMessageException;
import io.crirouter.core.internal.wire.WireMessage;
import io.crirouter.proto.v1.Container;
import io.crirouter.proto.v1.ContainerEventType;
import io.crirouter.proto.v1.ContainerState;
import io.crirouter.proto.v1.ListContainersResponse;
import io.crirouter.proto.v1.ListPodSandboxResponse;
import io.crirouter.proto.v1.PodSandbox;
import io.crirouter.proto.v1.PodSandboxState;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The pod sandboxes and containers that a runtime has, with its own ids. Items without an id, or
 * with one that is too long, are left out.
 *
 * @param sandboxes its pod sandboxes
 * @param containers its containers
 */
record PresentState(Listing sandboxes, Listing containers) {
  /** No objects. */
  static final PresentState NOTHING =
      new PresentState(new Listing(0, Map.of()), new Listing(0, Map.of()));

  /**
   * One list.
   *
   * @param asked the number at which it was requested (see {@link DeliveredStates#number})
   * @param items the items by id, in the order of the list
   */
  record Listing(long asked, Map<String, Item> items) {}

  /**
   * One sandbox or container.
   *
   * @param sandbox the sandbox that it belongs to, or its own id
   * @param event the event that leads to the listed state; null for a state without an event
   * @param identity of a sandbox, see {@link SandboxIdentity}; else empty
   */
  record Item(String sandbox, @Nullable ContainerEventType event, ByteString identity) {}

  /** From a response to the list of pod sandboxes, or to that of containers. */
  static Listing listing(Kind kind, long asked, ByteString answer)
      throws MalformedMessageException {
    boolean ofSandboxes = kind == Kind.POD_SANDBOX;
    int items =
        ofSandboxes
            ? ListPodSandboxResponse.ITEMS_FIELD_NUMBER
            : ListContainersResponse.CONTAINERS_FIELD_NUMBER;
    int idField = ofSandboxes ? PodSandbox.ID_FIELD_NUMBER : Container.ID_FIELD_NUMBER;
    Map<String, Item> byId = new LinkedHashMap<>();
    for (WireMessage item : WireMessage.parse(answer).messages(items)) {
      String id = item.string(idField);
      if (Limits.isId(id)) {
        byId.put(id, ofSandboxes ? sandbox(id, item) : container(item));
      }
    }
    return new Listing(asked, byId);
  }

  private static Item sandbox(String id, WireMessage item) throws MalformedMessageException {
    ContainerEventType event =
        item.number(PodSandbox.STATE_FIELD_NUMBER) == PodSandboxState.SANDBOX_READY_VALUE
            ? ContainerEventType.CONTAINER_STARTED_EVENT
            : ContainerEventType.CONTAINER_STOPPED_EVENT;
    return new Item(id, event, SandboxIdentity.ofListed(item));
  }

  private static Item container(WireMessage item) throws MalformedMessageException {
    String sandbox = item.string(Container.POD_SANDBOX_ID_FIELD_NUMBER);
    ContainerEventType event = event((int) item.number(Container.STATE_FIELD_NUMBER));
    return new Item(Limits.isId(sandbox) ? sandbox : "", event, ByteString.EMPTY);
  }

  /** As far as the inventory knows. */
  static PresentState lastKnown(Backend backend) {
    try {
      return new PresentState(
          lastKnown(backend, Kind.POD_SANDBOX), lastKnown(backend, Kind.CONTAINER));
    } catch (MalformedMessageException e) {
      return NOTHING;
    }
  }

  private static Listing lastKnown(Backend backend, Kind kind) throws MalformedMessageException {
    ByteString known = backend.inventory().answer(kind, ByteString.EMPTY);
    return listing(kind, 0, known == null ? ByteString.EMPTY : known);
  }

  private static @Nullable ContainerEventType event(int containerState) {
    return switch (containerState) {
      case ContainerState.CONTAINER_CREATED_VALUE -> ContainerEventType.CONTAINER_CREATED_EVENT;
      case ContainerState.CONTAINER_RUNNING_VALUE -> ContainerEventType.CONTAINER_STARTED_EVENT;
      case ContainerState.CONTAINER_EXITED_VALUE -> ContainerEventType.CONTAINER_STOPPED_EVENT;
      default -> null;
    };
  }

  /** The ids of a sandbox's containers. */
  List<String> containersOf(String sandbox) {
    return containers.items().entrySet().stream()
        .filter(entry -> entry.getValue().sandbox().equals(sandbox))
        .map(Map.Entry::getKey)
        .toList();
  }
}
