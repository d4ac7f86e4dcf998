package io.crirouter.core.internal.inventory;

import com.google.protobuf.ByteString;
import io.crirouter.core.internal.wire.ListEntry;
import io.crirouter.core.internal.wire.MalformedMessageException;
import io.crirouter.core.internal.wire.WireMessage;
import io.crirouter.proto.v1.ContainerEventResponse;
import io.crirouter.proto.v1.ContainerEventType;
import io.crirouter.proto.v1.ContainerState;
import io.crirouter.proto.v1.ContainerStatus;
import io.crirouter.proto.v1.PodSandboxState;
import io.crirouter.proto.v1.PodSandboxStatus;

/** Updates the contents of an inventory by an event of its runtime. */
final class EventReader {
  private final Contents contents;
  private final long number;

  /**
   * @param number the sequence number of the event
   */
  EventReader(Contents contents, long number) {
    this.contents = contents;
    this.number = number;
  }

  /** Reads a ContainerEventResponse. */
  void read(ByteString event) throws MalformedMessageException {
    WireMessage message = WireMessage.parse(event);
    String id = message.string(ContainerEventResponse.CONTAINER_ID_FIELD_NUMBER);
    long type = message.number(ContainerEventResponse.CONTAINER_EVENT_TYPE_FIELD_NUMBER);
    WireMessage status = message.message(ContainerEventResponse.POD_SANDBOX_STATUS_FIELD_NUMBER);
    String sandbox = status.string(PodSandboxStatus.ID_FIELD_NUMBER);
    boolean isOfSandbox = id.equals(sandbox) || contents.sandboxes.has(id);
    if (type == ContainerEventType.CONTAINER_DELETED_EVENT_VALUE) {
      remove(id, isOfSandbox);
      return;
    }
    if (!sandbox.isEmpty()) {
      showAll(message, status, sandbox);
    }
    if (type == ContainerEventType.CONTAINER_STOPPED_EVENT_VALUE) {
      stop(id, isOfSandbox);
    } else if (type == ContainerEventType.CONTAINER_STARTED_EVENT_VALUE && !isOfSandbox) {
      contents.advance(Kind.CONTAINER, id, ContainerState.CONTAINER_RUNNING_VALUE, number);
    }
  }

  private void remove(String id, boolean isOfSandbox) {
    if (isOfSandbox) {
      contents.removeSandbox(id, number);
    } else {
      contents.removeContainer(id, number);
    }
  }

  private void showAll(WireMessage event, WireMessage status, String sandbox)
      throws MalformedMessageException {
    ByteString bytes = status.toByteString();
    if (!Limits.isId(sandbox) || !isToBeKept(Kind.POD_SANDBOX, sandbox, bytes)) {
      return;
    }
    contents.showSandbox(new ListEntry(sandbox, bytes), number, number);
    for (ByteString container :
        event.values(ContainerEventResponse.CONTAINERS_STATUSES_FIELD_NUMBER)) {
      String id = WireMessage.parse(container).string(ContainerStatus.ID_FIELD_NUMBER);
      if (isToBeKept(Kind.CONTAINER, id, container)) {
        contents.showContainer(new ListEntry(id, container), sandbox, number, number);
      }
    }
  }

  private boolean isToBeKept(Kind kind, String id, ByteString status) {
    ItemList list = contents.of(kind);
    return list.has(id) || list.room.takeByEvent(status.size());
  }

  private void stop(String id, boolean isOfSandbox) throws MalformedMessageException {
    if (isOfSandbox) {
      contents.advance(Kind.POD_SANDBOX, id, PodSandboxState.SANDBOX_NOTREADY_VALUE, number);
    } else {
      contents.advance(Kind.CONTAINER, id, ContainerState.CONTAINER_EXITED_VALUE, number);
    }
  }
}
