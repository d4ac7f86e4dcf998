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
  private static final int[][] SANDBOX_OF_CONFIG = {
    {PodSandboxConfig.METADATA_FIELD_NUMBER, PodSandbox.METADATA_FIELD_NUMBER},
    {PodSandboxConfig.LABELS_FIELD_NUMBER, PodSandbox.LABELS_FIELD_NUMBER},
    {PodSandboxConfig.ANNOTATIONS_FIELD_NUMBER, PodSandbox.ANNOTATIONS_FIELD_NUMBER},
  };

  private static final int[][] SANDBOX_OF_STATUS = {
    {PodSandboxStatus.ID_FIELD_NUMBER, PodSandbox.ID_FIELD_NUMBER},
    {PodSandboxStatus.METADATA_FIELD_NUMBER, PodSandbox.METADATA_FIELD_NUMBER},
    {PodSandboxStatus.STATE_FIELD_NUMBER, PodSandbox.STATE_FIELD_NUMBER},
    {PodSandboxStatus.CREATED_AT_FIELD_NUMBER, PodSandbox.CREATED_AT_FIELD_NUMBER},
    {PodSandboxStatus.LABELS_FIELD_NUMBER, PodSandbox.LABELS_FIELD_NUMBER},
    {PodSandboxStatus.ANNOTATIONS_FIELD_NUMBER, PodSandbox.ANNOTATIONS_FIELD_NUMBER},
    {PodSandboxStatus.RUNTIME_HANDLER_FIELD_NUMBER, PodSandbox.RUNTIME_HANDLER_FIELD_NUMBER},
  };

  private static final int[][] CONTAINER_OF_CONFIG = {
    {ContainerConfig.METADATA_FIELD_NUMBER, Container.METADATA_FIELD_NUMBER},
    {ContainerConfig.IMAGE_FIELD_NUMBER, Container.IMAGE_FIELD_NUMBER},
    {ContainerConfig.LABELS_FIELD_NUMBER, Container.LABELS_FIELD_NUMBER},
    {ContainerConfig.ANNOTATIONS_FIELD_NUMBER, Container.ANNOTATIONS_FIELD_NUMBER},
  };

  private static final int[][] CONTAINER_OF_STATUS = {
    {ContainerStatus.ID_FIELD_NUMBER, Container.ID_FIELD_NUMBER},
    {ContainerStatus.METADATA_FIELD_NUMBER, Container.METADATA_FIELD_NUMBER},
    {ContainerStatus.IMAGE_FIELD_NUMBER, Container.IMAGE_FIELD_NUMBER},
    {ContainerStatus.IMAGE_REF_FIELD_NUMBER, Container.IMAGE_REF_FIELD_NUMBER},
    {ContainerStatus.STATE_FIELD_NUMBER, Container.STATE_FIELD_NUMBER},
    {ContainerStatus.CREATED_AT_FIELD_NUMBER, Container.CREATED_AT_FIELD_NUMBER},
    {ContainerStatus.LABELS_FIELD_NUMBER, Container.LABELS_FIELD_NUMBER},
    {ContainerStatus.ANNOTATIONS_FIELD_NUMBER, Container.ANNOTATIONS_FIELD_NUMBER},
    {ContainerStatus.IMAGE_ID_FIELD_NUMBER, Container.IMAGE_ID_FIELD_NUMBER},
  };

  private Entries() {}

  /** A PodSandbox that was just created from a PodSandboxConfig. */
  static ByteString sandbox(String id, WireMessage config, String runtimeHandler, Instant now)
      throws MalformedMessageException {
    return copy(config, SANDBOX_OF_CONFIG)
        .string(PodSandbox.ID_FIELD_NUMBER, id)
        .number(PodSandbox.STATE_FIELD_NUMBER, PodSandboxState.SANDBOX_READY_VALUE)
        .number(PodSandbox.CREATED_AT_FIELD_NUMBER, nanos(now))
        .string(PodSandbox.RUNTIME_HANDLER_FIELD_NUMBER, runtimeHandler)
        .toByteString();
  }

  /** A PodSandbox from a PodSandboxStatus. */
  static ByteString sandbox(WireMessage status) throws MalformedMessageException {
    return copy(status, SANDBOX_OF_STATUS).toByteString();
  }

  /** A Container that was just created from a ContainerConfig. */
  static ByteString container(
      String id, String sandbox, WireMessage config, ContainerState state, Instant now)
      throws MalformedMessageException {
    WireMessage image = config.message(ContainerConfig.IMAGE_FIELD_NUMBER);
    return copy(config, CONTAINER_OF_CONFIG)
        .string(Container.ID_FIELD_NUMBER, id)
        .string(Container.POD_SANDBOX_ID_FIELD_NUMBER, sandbox)
        .string(Container.IMAGE_REF_FIELD_NUMBER, image.string(ImageSpec.IMAGE_FIELD_NUMBER))
        .number(Container.STATE_FIELD_NUMBER, state.getNumber())
        .number(Container.CREATED_AT_FIELD_NUMBER, nanos(now))
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
    return copy(status, CONTAINER_OF_STATUS)
        .string(Container.POD_SANDBOX_ID_FIELD_NUMBER, sandbox)
        .toByteString();
  }

  /**
   * Copies fields of a message into another one.
   *
   * @param fields the number of each field there and here
   */
  private static WireWriter copy(WireMessage from, int[][] fields)
      throws MalformedMessageException {
    WireWriter to = new WireWriter();
    for (int[] field : fields) {
      // A field has values of bytes, or else a number.
      to.messages(field[1], from.values(field[0])).number(field[1], from.number(field[0]));
    }
    return to;
  }

  static long nanos(Instant time) {
    return TimeUnit.SECONDS.toNanos(time.getEpochSecond()) + time.getNano();
  }
}
