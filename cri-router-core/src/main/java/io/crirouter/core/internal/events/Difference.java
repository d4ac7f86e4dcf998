package io.crirouter.core.internal.events;

import io.crirouter.proto.v1.ContainerEventType;

/**
 * A state that a list shows and that was not delivered yet, or not to each client.
 *
 * @param subject the container or sandbox
 * @param event the event to be delivered
 * @param asked the number at which the list was requested (see {@link DeliveredStates#number})
 * @param isRepeated whether all clients got this event but for those that missed some
 */
record Difference(EventSubject subject, ContainerEventType event, long asked, boolean isRepeated) {

  /** Whether it is about a sandbox, rather than a container. */
  boolean ofSandbox() {
    return subject.ofSandbox();
  }

  /** The container or sandbox. */
  String id() {
    return subject.id();
  }

  /** The sandbox it belongs to, or is. */
  String sandbox() {
    return subject.sandbox();
  }

  /** Whether the runtime no longer has the object. */
  boolean isDeletion() {
    return event == ContainerEventType.CONTAINER_DELETED_EVENT;
  }

  /**
   * Its place among the differences of one sandbox, in the order in which things happen: the
   * sandbox starts, its containers come and go, the sandbox ends.
   */
  int place() {
    if (!ofSandbox()) {
      return 1;
    }
    return event == ContainerEventType.CONTAINER_STARTED_EVENT ? 0 : 2;
  }
}
