package io.crirouter.core.internal.events;

import com.google.protobuf.ByteString;
import io.crirouter.core.internal.wire.MalformedMessageException;
import io.crirouter.core.internal.wire.WireMessage;
import io.crirouter.proto.v1.ContainerEventResponse;
import io.crirouter.proto.v1.ContainerEventType;
import io.crirouter.proto.v1.PodSandboxStatus;
import org.jspecify.annotations.Nullable;

/**
 * The needed fields of an event that a runtime sent, with the runtime's ids.
 *
 * @param id the container, or the sandbox itself
 * @param type what happened; null for a type that this version of CRI does not have
 * @param status the PodSandboxStatus; empty if the runtime sent none, as for the deletion of a
 *     sandbox
 */
record ReceivedEvent(String id, @Nullable ContainerEventType type, WireMessage status) {

  static ReceivedEvent parse(ByteString event) throws MalformedMessageException {
    WireMessage message = WireMessage.parse(event);
    long type = message.number(ContainerEventResponse.CONTAINER_EVENT_TYPE_FIELD_NUMBER);
    return new ReceivedEvent(
        message.string(ContainerEventResponse.CONTAINER_ID_FIELD_NUMBER),
        ContainerEventType.forNumber((int) type),
        message.message(ContainerEventResponse.POD_SANDBOX_STATUS_FIELD_NUMBER));
  }

  /** The id of the sandbox; empty if the event does not have it. */
  String sandbox() {
    return status.string(PodSandboxStatus.ID_FIELD_NUMBER);
  }

  /** Whether it is about the sandbox itself, according to the event. */
  boolean isOfSandbox() {
    return sandbox().equals(id);
  }
}
