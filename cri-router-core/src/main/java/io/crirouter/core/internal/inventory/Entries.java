package io.crirouter.core.internal.inventory;

import com.google.protobuf.ByteString;
import io.crirouter.core.internal.wire.MalformedMessageException;
import io.crirouter.core.internal.wire.WireMessage;
import io.crirouter.core.internal.wire.WireWriter;
import io.crirouter.proto.v1.Container;
import io.crirouter.proto.v1.ContainerConfig;
import io.crirouter.proto.v1.ContainerMetadata;
import io.crirouter.proto.v1.ContainerState;
import io.crirouter.proto.v1.ContainerStatus;
import io.crirouter.proto.v1.ImageSpec;
import io.crirouter.proto.v1.PodSandbox;
import io.crirouter.proto.v1.PodSandboxConfig;
import io.crirouter.proto.v1.PodSandboxState;
import io.crirouter.proto.v1.PodSandboxStatus;
import java.time.Instant;
import java.util.concurrent.TimeUnit;

/** Entries of lists, made from the request that created an object or from its status. */
final class Entries {
  private Entries() {}

  /** A PodSandbox that was just created from a PodSandboxConfig. */
  static ByteString sandbox(String id, WireMessage config, String runtimeHandler, Instant now)
      throws MalformedMessageException {
    return new WireWriter()
        .string(PodSandbox.ID_FIELD_NUMBER, id)
        .message(
            PodSandbox.METADATA_FIELD_NUMBER, config.value(PodSandboxConfig.METADATA_FIELD_NUMBER))
        .number(PodSandbox.STATE_FIELD_NUMBER, PodSandboxState.SANDBOX_READY_VALUE)
        .number(PodSandbox.CREATED_AT_FIELD_NUMBER, nanos(now))
        .messages(
            PodSandbox.LABELS_FIELD_NUMBER, config.values(PodSandboxConfig.LABELS_FIELD_NUMBER))
        .messages(
            PodSandbox.ANNOTATIONS_FIELD_NUMBER,
            config.values(PodSandboxConfig.ANNOTATIONS_FIELD_NUMBER))
        .string(PodSandbox.RUNTIME_HANDLER_FIELD_NUMBER, runtimeHandler)
        .toByteString();
  }

  /** A PodSandbox from a PodSandboxStatus. */
  static ByteString sandbox(WireMessage status) throws MalformedMessageException {
    return new WireWriter()
        .string(PodSandbox.ID_FIELD_NUMBER, status.string(PodSandboxStatus.ID_FIELD_NUMBER))
        .message(
            PodSandbox.METADATA_FIELD_NUMBER, status.value(PodSandboxStatus.METADATA_FIELD_NUMBER))
        .number(PodSandbox.STATE_FIELD_NUMBER, status.number(PodSandboxStatus.STATE_FIELD_NUMBER))
        .number(
            PodSandbox.CREATED_AT_FIELD_NUMBER,
            status.number(PodSandboxStatus.CREATED_AT_FIELD_NUMBER))
        .messages(
            PodSandbox.LABELS_FIELD_NUMBER, status.values(PodSandboxStatus.LABELS_FIELD_NUMBER))
        .messages(
            PodSandbox.ANNOTATIONS_FIELD_NUMBER,
            status.values(PodSandboxStatus.ANNOTATIONS_FIELD_NUMBER))
        .string(
            PodSandbox.RUNTIME_HANDLER_FIELD_NUMBER,
            status.string(PodSandboxStatus.RUNTIME_HANDLER_FIELD_NUMBER))
        .toByteString();
  }

  /** A Container that was just created from a ContainerConfig. */
  static ByteString container(
      String id, String sandbox, WireMessage config, ContainerState state, Instant now)
      throws MalformedMessageException {
    ByteString image = config.value(ContainerConfig.IMAGE_FIELD_NUMBER);
    return new WireWriter()
        .string(Container.ID_FIELD_NUMBER, id)
        .string(Container.POD_SANDBOX_ID_FIELD_NUMBER, sandbox)
        .message(
            Container.METADATA_FIELD_NUMBER, config.value(ContainerConfig.METADATA_FIELD_NUMBER))
        .message(Container.IMAGE_FIELD_NUMBER, image)
        .string(
            Container.IMAGE_REF_FIELD_NUMBER,
            WireMessage.parse(image).string(ImageSpec.IMAGE_FIELD_NUMBER))
        .number(Container.STATE_FIELD_NUMBER, state.getNumber())
        .number(Container.CREATED_AT_FIELD_NUMBER, nanos(now))
        .messages(Container.LABELS_FIELD_NUMBER, config.values(ContainerConfig.LABELS_FIELD_NUMBER))
        .messages(
            Container.ANNOTATIONS_FIELD_NUMBER,
            config.values(ContainerConfig.ANNOTATIONS_FIELD_NUMBER))
        .toByteString();
  }

  /** A ContainerConfig of which nothing but the name is known. */
  static WireMessage configNamed(String name) throws MalformedMessageException {
    return WireMessage.parse(
        new WireWriter()
            .message(
                ContainerConfig.METADATA_FIELD_NUMBER,
                new WireWriter().string(ContainerMetadata.NAME_FIELD_NUMBER, name).toByteString())
            .toByteString());
  }

  /** A Container from a ContainerStatus. */
  static ByteString container(WireMessage status, String sandbox) throws MalformedMessageException {
    return new WireWriter()
        .string(Container.ID_FIELD_NUMBER, status.string(ContainerStatus.ID_FIELD_NUMBER))
        .string(Container.POD_SANDBOX_ID_FIELD_NUMBER, sandbox)
        .message(
            Container.METADATA_FIELD_NUMBER, status.value(ContainerStatus.METADATA_FIELD_NUMBER))
        .message(Container.IMAGE_FIELD_NUMBER, status.value(ContainerStatus.IMAGE_FIELD_NUMBER))
        .string(
            Container.IMAGE_REF_FIELD_NUMBER, status.string(ContainerStatus.IMAGE_REF_FIELD_NUMBER))
        .number(Container.STATE_FIELD_NUMBER, status.number(ContainerStatus.STATE_FIELD_NUMBER))
        .number(
            Container.CREATED_AT_FIELD_NUMBER,
            status.number(ContainerStatus.CREATED_AT_FIELD_NUMBER))
        .messages(Container.LABELS_FIELD_NUMBER, status.values(ContainerStatus.LABELS_FIELD_NUMBER))
        .messages(
            Container.ANNOTATIONS_FIELD_NUMBER,
            status.values(ContainerStatus.ANNOTATIONS_FIELD_NUMBER))
        .string(
            Container.IMAGE_ID_FIELD_NUMBER, status.string(ContainerStatus.IMAGE_ID_FIELD_NUMBER))
        .toByteString();
  }

  static long nanos(Instant time) {
    return TimeUnit.SECONDS.toNanos(time.getEpochSecond()) + time.getNano();
  }
}
