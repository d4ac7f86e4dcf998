package io.crirouter.core.internal.inventory;

import io.crirouter.core.internal.wire.ListEntry;
import io.crirouter.core.internal.wire.MalformedMessageException;
import io.crirouter.core.internal.wire.WireMessage;
import io.crirouter.proto.v1.ContainerStatus;
import io.crirouter.proto.v1.PodSandboxStatus;

/** Notes what statuses show. */
final class Statuses {
  private Statuses() {}

  /** A PodSandboxStatus that was true at {@code asked} and arrived as {@code number}. */
  static void showSandbox(Contents contents, ListEntry status, long asked, long number)
      throws MalformedMessageException {
    contents.show(
        Kind.POD_SANDBOX,
        status.id(),
        status.number(PodSandboxStatus.STATE_FIELD_NUMBER),
        asked,
        number,
        () -> Entries.sandbox(WireMessage.parse(status.bytes())));
  }

  /** A ContainerStatus that was true at {@code asked} and arrived as {@code number}. */
  static void showContainer(
      Contents contents, ListEntry status, String sandbox, long asked, long number)
      throws MalformedMessageException {
    long state = status.number(ContainerStatus.STATE_FIELD_NUMBER);
    contents.show(
        Kind.CONTAINER,
        status.id(),
        state,
        asked,
        number,
        () -> Entries.container(WireMessage.parse(status.bytes()), sandbox));
    contents.showStatus(status.id(), status.bytes(), state, asked);
  }
}
