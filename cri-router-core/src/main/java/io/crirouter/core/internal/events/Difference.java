package io.crirouter.core.internal.events;

import com.google.protobuf.ByteString;
import io.crirouter.proto.v1.ContainerEventType;

/**
 * A state that a list shows and that was not delivered yet.
 *
 * @param ofSandbox whether it is about a sandbox, rather than a container
 * @param id the container or sandbox
 * @param sandbox the sandbox it belongs to, or is
 * @param event the event to be delivered
 * @param asked the number at which the list was requested (see {@link DeliveredStates#number})
 * @param identity of the sandbox if it is one, see {@link SandboxIdentity}; else empty
 */
record Difference(
    boolean ofSandbox,
    String id,
    String sandbox,
    ContainerEventType event,
    long asked,
    ByteString identity) {

  /** Whether the runtime no longer has the object. */
  boolean isDeletion() {
    return event == ContainerEventType.CONTAINER_DELETED_EVENT;
  }

  /**
   * Its place among the differences of one sandbox, in the order in which things happen: the
   * sandbox starts, its containers come and go, the sandbox ends.
   */
  int place() {
    if (!ofSandbox) {
      return 1;
    }
    return event == ContainerEventType.CONTAINER_STARTED_EVENT ? 0 : 2;
  }
}
