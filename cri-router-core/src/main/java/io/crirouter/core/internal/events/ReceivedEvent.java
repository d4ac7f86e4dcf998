package io.crirouter.core.internal.events;

import com.google.protobuf.ByteString;
import io.crirouter.core.internal.wire.MalformedMessageException;
import io.crirouter.core.internal.wire.WireMessage;
import io.crirouter.proto.v1.ContainerEventResponse;
import io.crirouter.proto.v1.ContainerEventType;
import io.crirouter.proto.v1.PodSandboxStatus;
import org.jspecify.annotations.Nullable;

/**
 * What matters of an event that a runtime sent, in the runtime's language.
 *
 * @param id the container, or the sandbox itself
 * @param type what happened; null if it is something that CRI did not know when this was written
 * @param status the sandbox's PodSandboxStatus; empty if the runtime sent none, as for the deletion
 *     of a sandbox
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

  /** The sandbox; empty if the runtime did not say. */
  String sandbox() {
    return status.string(PodSandboxStatus.ID_FIELD_NUMBER);
  }

  /** Whether it is about the sandbox, as far as the event itself tells. */
  boolean isOfSandbox() {
    return sandbox().equals(id);
  }
}
