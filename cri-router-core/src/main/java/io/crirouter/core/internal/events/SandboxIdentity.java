package io.crirouter.core.internal.events;

import com.google.protobuf.ByteString;
import io.crirouter.core.internal.wire.MalformedMessageException;
import io.crirouter.core.internal.wire.WireMessage;
import io.crirouter.core.internal.wire.WireWriter;
import io.crirouter.proto.v1.ContainerEventType;
import io.crirouter.proto.v1.PodSandbox;
import io.crirouter.proto.v1.PodSandboxState;
import io.crirouter.proto.v1.PodSandboxStatus;

/**
 * The constant part of a pod sandbox: a serialized PodSandboxStatus without state, network and
 * namespaces. It is needed for events about a sandbox that the runtime no longer has, because a
 * kubelet ignores events without the sandbox's metadata.
 */
final class SandboxIdentity {
  /** Labels and annotations are left out if they make it longer than this. */
  private static final int MAX_BYTES = 16 << 10;

  private SandboxIdentity() {}

  /** From an item of ListPodSandbox. */
  static ByteString ofListed(WireMessage item) throws MalformedMessageException {
    WireWriter identity =
        new WireWriter()
            .string(PodSandboxStatus.ID_FIELD_NUMBER, item.string(PodSandbox.ID_FIELD_NUMBER))
            .message(
                PodSandboxStatus.METADATA_FIELD_NUMBER,
                item.value(PodSandbox.METADATA_FIELD_NUMBER))
            .number(
                PodSandboxStatus.CREATED_AT_FIELD_NUMBER,
                item.number(PodSandbox.CREATED_AT_FIELD_NUMBER))
            .string(
                PodSandboxStatus.RUNTIME_HANDLER_FIELD_NUMBER,
                item.string(PodSandbox.RUNTIME_HANDLER_FIELD_NUMBER));
    item.values(PodSandbox.LABELS_FIELD_NUMBER)
        .forEach(entry -> identity.message(PodSandboxStatus.LABELS_FIELD_NUMBER, entry));
    item.values(PodSandbox.ANNOTATIONS_FIELD_NUMBER)
        .forEach(entry -> identity.message(PodSandboxStatus.ANNOTATIONS_FIELD_NUMBER, entry));
    return bounded(
        identity.toByteString(),
        item.string(PodSandbox.ID_FIELD_NUMBER),
        item.value(PodSandbox.METADATA_FIELD_NUMBER));
  }

  /** From a PodSandboxStatus; a copy, so that the event around it is not kept. */
  static ByteString ofStatus(WireMessage status) {
    return bounded(
        new WireWriter()
            .raw(
                status.without(
                    PodSandboxStatus.STATE_FIELD_NUMBER,
                    PodSandboxStatus.NETWORK_FIELD_NUMBER,
                    PodSandboxStatus.LINUX_FIELD_NUMBER))
            .toByteString(),
        status.string(PodSandboxStatus.ID_FIELD_NUMBER),
        status.value(PodSandboxStatus.METADATA_FIELD_NUMBER));
  }

  private static ByteString bounded(ByteString identity, String id, ByteString metadata) {
    if (identity.size() <= MAX_BYTES) {
      return identity;
    }
    ByteString shorter =
        new WireWriter()
            .raw(ofId(id))
            .message(PodSandboxStatus.METADATA_FIELD_NUMBER, metadata)
            .toByteString();
    return shorter.size() <= MAX_BYTES ? shorter : ofId(id);
  }

  /** Of a sandbox of which only the id is known. */
  static ByteString ofId(String id) {
    return new WireWriter().string(PodSandboxStatus.ID_FIELD_NUMBER, id).toByteString();
  }

  /** The smallest PodSandboxStatus that a kubelet accepts, for a sandbox after {@code event}. */
  static ByteString after(ContainerEventType event, ByteString identity) {
    PodSandboxState state =
        event == ContainerEventType.CONTAINER_STARTED_EVENT
            ? PodSandboxState.SANDBOX_READY
            : PodSandboxState.SANDBOX_NOTREADY;
    return new WireWriter()
        .raw(identity)
        .number(PodSandboxStatus.STATE_FIELD_NUMBER, state.getNumber())
        .toByteString();
  }
}
