package io.crirouter.core.lastknown;

import com.google.protobuf.ByteString;
import io.crirouter.core.wire.MalformedMessageException;
import io.crirouter.core.wire.WireMessage;
import io.crirouter.core.wire.WireWriter;
import io.crirouter.proto.v1.Container;
import io.crirouter.proto.v1.ContainerConfig;
import io.crirouter.proto.v1.ContainerMetadata;
import io.crirouter.proto.v1.ContainerState;
import io.crirouter.proto.v1.CreateContainerRequest;
import io.crirouter.proto.v1.CreateContainerResponse;
import io.crirouter.proto.v1.ImageSpec;
import io.crirouter.proto.v1.PodSandbox;
import io.crirouter.proto.v1.PodSandboxConfig;
import io.crirouter.proto.v1.PodSandboxState;
import io.crirouter.proto.v1.RemoveContainerRequest;
import io.crirouter.proto.v1.RemovePodSandboxRequest;
import io.crirouter.proto.v1.RestorePodRequest;
import io.crirouter.proto.v1.RestorePodResponse;
import io.crirouter.proto.v1.RestoredContainer;
import io.crirouter.proto.v1.RunPodSandboxRequest;
import io.crirouter.proto.v1.RunPodSandboxResponse;
import io.crirouter.proto.v1.StartContainerRequest;
import io.crirouter.proto.v1.StopContainerRequest;
import io.crirouter.proto.v1.StopPodSandboxRequest;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Reads from a call that succeeded what it changed. One for each rpc that changes a list. */
@FunctionalInterface
interface ChangeReader {
  /** Which list a change is of. */
  enum Of {
    SANDBOXES,
    CONTAINERS
  }

  /** Takes changes. */
  @FunctionalInterface
  interface Sink {
    void accept(Of list, Change change) throws MalformedMessageException;
  }

  /** Hands the changes to {@code sink}. */
  void read(WireMessage request, WireMessage response, Instant now, Sink sink)
      throws MalformedMessageException;

  /** The reader for an rpc, or null if it changes no list. */
  static @Nullable ChangeReader of(String rpc) {
    return Readers.BY_RPC.get(rpc);
  }

  /** The readers. */
  final class Readers {
    private static final Map<String, ChangeReader> BY_RPC =
        Map.of(
            "RunPodSandbox", Readers::sandboxCreated,
            "RestorePod", Readers::podRestored,
            "StopPodSandbox", Readers::sandboxStopped,
            "RemovePodSandbox", Readers::sandboxRemoved,
            "CreateContainer", Readers::containerCreated,
            "StartContainer", Readers::containerStarted,
            "StopContainer", Readers::containerStopped,
            "RemoveContainer", Readers::containerRemoved);

    private Readers() {}

    private static void sandboxCreated(
        WireMessage request, WireMessage response, Instant now, Sink sink)
        throws MalformedMessageException {
      sink.accept(
          Of.SANDBOXES,
          sandbox(
              response.string(RunPodSandboxResponse.POD_SANDBOX_ID_FIELD_NUMBER),
              request.message(RunPodSandboxRequest.CONFIG_FIELD_NUMBER),
              request.string(RunPodSandboxRequest.RUNTIME_HANDLER_FIELD_NUMBER),
              now));
    }

    private static Change sandbox(String id, WireMessage config, String runtimeHandler, Instant now)
        throws MalformedMessageException {
      ByteString sandbox =
          new WireWriter()
              .string(PodSandbox.ID_FIELD_NUMBER, id)
              .message(
                  PodSandbox.METADATA_FIELD_NUMBER,
                  config.value(PodSandboxConfig.METADATA_FIELD_NUMBER))
              .number(PodSandbox.STATE_FIELD_NUMBER, PodSandboxState.SANDBOX_READY_VALUE)
              .number(PodSandbox.CREATED_AT_FIELD_NUMBER, nanos(now))
              .stringMap(
                  PodSandbox.LABELS_FIELD_NUMBER,
                  config.stringMap(PodSandboxConfig.LABELS_FIELD_NUMBER))
              .stringMap(
                  PodSandbox.ANNOTATIONS_FIELD_NUMBER,
                  config.stringMap(PodSandboxConfig.ANNOTATIONS_FIELD_NUMBER))
              .string(PodSandbox.RUNTIME_HANDLER_FIELD_NUMBER, runtimeHandler)
              .toByteString();
      return new Change.Put(id, sandbox);
    }

    /** Without a config it is not known which pod it is: the runtime's next list will tell. */
    private static void podRestored(
        WireMessage request, WireMessage response, Instant now, Sink sink)
        throws MalformedMessageException {
      if (!request.has(RestorePodRequest.CONFIG_FIELD_NUMBER)) {
        return;
      }
      String id = response.string(RestorePodResponse.POD_SANDBOX_ID_FIELD_NUMBER);
      sink.accept(
          Of.SANDBOXES,
          sandbox(
              id,
              request.message(RestorePodRequest.CONFIG_FIELD_NUMBER),
              request.string(RestorePodRequest.RUNTIME_HANDLER_FIELD_NUMBER),
              now));
      for (WireMessage restored :
          response.messages(RestorePodResponse.RESTORED_CONTAINERS_FIELD_NUMBER)) {
        String container = restored.string(RestoredContainer.CONTAINER_ID_FIELD_NUMBER);
        WireMessage config =
            configOf(restored.string(RestoredContainer.NAME_FIELD_NUMBER), request);
        sink.accept(Of.CONTAINERS, container(container, id, config, now));
        sink.accept(
            Of.CONTAINERS,
            state(Container.ID_FIELD_NUMBER, container, ContainerState.CONTAINER_RUNNING_VALUE));
      }
    }

    /** The config of the container of this name; with nothing but the name if none is given. */
    private static WireMessage configOf(String name, WireMessage restoration)
        throws MalformedMessageException {
      for (WireMessage config :
          restoration.messages(RestorePodRequest.CONTAINER_CONFIGS_FIELD_NUMBER)) {
        WireMessage metadata = config.message(ContainerConfig.METADATA_FIELD_NUMBER);
        if (metadata.string(ContainerMetadata.NAME_FIELD_NUMBER).equals(name)) {
          return config;
        }
      }
      return WireMessage.parse(
          new WireWriter()
              .message(
                  ContainerConfig.METADATA_FIELD_NUMBER,
                  new WireWriter().string(ContainerMetadata.NAME_FIELD_NUMBER, name).toByteString())
              .toByteString());
    }

    private static void sandboxStopped(
        WireMessage request, WireMessage response, Instant now, Sink sink)
        throws MalformedMessageException {
      String id = request.string(StopPodSandboxRequest.POD_SANDBOX_ID_FIELD_NUMBER);
      sink.accept(
          Of.SANDBOXES,
          new Change.SetState(
              PodSandbox.ID_FIELD_NUMBER,
              id,
              PodSandbox.STATE_FIELD_NUMBER,
              PodSandboxState.SANDBOX_NOTREADY_VALUE));
      sink.accept(
          Of.CONTAINERS,
          state(Container.POD_SANDBOX_ID_FIELD_NUMBER, id, ContainerState.CONTAINER_EXITED_VALUE));
    }

    private static void sandboxRemoved(
        WireMessage request, WireMessage response, Instant now, Sink sink)
        throws MalformedMessageException {
      String id = request.string(RemovePodSandboxRequest.POD_SANDBOX_ID_FIELD_NUMBER);
      sink.accept(Of.SANDBOXES, new Change.Remove(PodSandbox.ID_FIELD_NUMBER, id));
      sink.accept(Of.CONTAINERS, new Change.Remove(Container.POD_SANDBOX_ID_FIELD_NUMBER, id));
    }

    private static void containerCreated(
        WireMessage request, WireMessage response, Instant now, Sink sink)
        throws MalformedMessageException {
      sink.accept(
          Of.CONTAINERS,
          container(
              response.string(CreateContainerResponse.CONTAINER_ID_FIELD_NUMBER),
              request.string(CreateContainerRequest.POD_SANDBOX_ID_FIELD_NUMBER),
              request.message(CreateContainerRequest.CONFIG_FIELD_NUMBER),
              now));
    }

    private static Change container(String id, String sandboxId, WireMessage config, Instant now)
        throws MalformedMessageException {
      ByteString image = config.value(ContainerConfig.IMAGE_FIELD_NUMBER);
      ByteString container =
          new WireWriter()
              .string(Container.ID_FIELD_NUMBER, id)
              .string(Container.POD_SANDBOX_ID_FIELD_NUMBER, sandboxId)
              .message(
                  Container.METADATA_FIELD_NUMBER,
                  config.value(ContainerConfig.METADATA_FIELD_NUMBER))
              .message(Container.IMAGE_FIELD_NUMBER, image)
              .string(
                  Container.IMAGE_REF_FIELD_NUMBER,
                  WireMessage.parse(image).string(ImageSpec.IMAGE_FIELD_NUMBER))
              .number(Container.CREATED_AT_FIELD_NUMBER, nanos(now))
              .stringMap(
                  Container.LABELS_FIELD_NUMBER,
                  config.stringMap(ContainerConfig.LABELS_FIELD_NUMBER))
              .stringMap(
                  Container.ANNOTATIONS_FIELD_NUMBER,
                  config.stringMap(ContainerConfig.ANNOTATIONS_FIELD_NUMBER))
              .toByteString();
      return new Change.Put(id, container);
    }

    private static void containerStarted(
        WireMessage request, WireMessage response, Instant now, Sink sink)
        throws MalformedMessageException {
      String id = request.string(StartContainerRequest.CONTAINER_ID_FIELD_NUMBER);
      sink.accept(
          Of.CONTAINERS,
          state(Container.ID_FIELD_NUMBER, id, ContainerState.CONTAINER_RUNNING_VALUE));
    }

    private static void containerStopped(
        WireMessage request, WireMessage response, Instant now, Sink sink)
        throws MalformedMessageException {
      String id = request.string(StopContainerRequest.CONTAINER_ID_FIELD_NUMBER);
      sink.accept(
          Of.CONTAINERS,
          state(Container.ID_FIELD_NUMBER, id, ContainerState.CONTAINER_EXITED_VALUE));
    }

    private static void containerRemoved(
        WireMessage request, WireMessage response, Instant now, Sink sink)
        throws MalformedMessageException {
      String id = request.string(RemoveContainerRequest.CONTAINER_ID_FIELD_NUMBER);
      sink.accept(Of.CONTAINERS, new Change.Remove(Container.ID_FIELD_NUMBER, id));
    }

    private static Change state(int field, String value, long state) {
      return new Change.SetState(field, value, Container.STATE_FIELD_NUMBER, state);
    }

    private static long nanos(Instant now) {
      return TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano();
    }
  }
}
