package io.crirouter.core.internal.inventory;

import com.google.protobuf.ByteString;
import io.crirouter.core.internal.schema.MethodSchema;
import io.crirouter.core.internal.wire.ListEntry;
import io.crirouter.core.internal.wire.MalformedMessageException;
import io.crirouter.core.internal.wire.WireMessage;
import io.crirouter.proto.routing.Effect;
import io.crirouter.proto.v1.ContainerConfig;
import io.crirouter.proto.v1.ContainerMetadata;
import io.crirouter.proto.v1.ContainerState;
import io.crirouter.proto.v1.ContainerStatus;
import io.crirouter.proto.v1.ContainerStatusResponse;
import io.crirouter.proto.v1.CreateContainerRequest;
import io.crirouter.proto.v1.CreateContainerResponse;
import io.crirouter.proto.v1.Image;
import io.crirouter.proto.v1.ImageSpec;
import io.crirouter.proto.v1.ImageStatusResponse;
import io.crirouter.proto.v1.PodSandboxStatus;
import io.crirouter.proto.v1.PodSandboxStatusResponse;
import io.crirouter.proto.v1.RemoveImageRequest;
import io.crirouter.proto.v1.RestorePodRequest;
import io.crirouter.proto.v1.RestorePodResponse;
import io.crirouter.proto.v1.RestoredContainer;
import io.crirouter.proto.v1.RunPodSandboxRequest;
import io.crirouter.proto.v1.RunPodSandboxResponse;
import io.crirouter.proto.v1.StopContainerRequest;

/**
 * Updates the inventory by one call that has succeeded, other than a list (see {@link
 * ListObserver}).
 */
final class EffectObserver implements ResponseObserver {
  /** In every request that starts, stops or removes a pod sandbox or container. */
  private static final int OBJECT_ID = StopContainerRequest.CONTAINER_ID_FIELD_NUMBER;

  private static final int[] CONTAINER_STATUS_ID = {
    ContainerStatusResponse.STATUS_FIELD_NUMBER, ContainerStatus.ID_FIELD_NUMBER
  };
  private static final int[] CONTAINER_STATUS_STATE = {
    ContainerStatusResponse.STATUS_FIELD_NUMBER, ContainerStatus.STATE_FIELD_NUMBER
  };

  private final Inventory inventory;
  private final Contents contents;
  private final MethodSchema method;
  private final ByteString requestBytes;
  private final long asked;
  private ByteString responseBytes = ByteString.EMPTY;

  /** The sequence number of the response. */
  private long number;

  /**
   * @param asked the sequence number of the request
   */
  EffectObserver(Inventory inventory, MethodSchema method, ByteString request, long asked) {
    this.inventory = inventory;
    this.contents = inventory.contents;
    this.method = method;
    this.requestBytes = request;
    this.asked = asked;
  }

  @Override
  public ByteString onMessage(ByteString message) {
    try {
      synchronized (inventory) {
        responseBytes = message;
        number = inventory.nextNumber();
        apply(method.effect());
      }
    } catch (MalformedMessageException e) {
      inventory.faults.malformed(method.name(), e);
    }
    inventory.publish();
    return message;
  }

  private void apply(Effect effect) throws MalformedMessageException {
    switch (effect) {
      case CREATES_POD_SANDBOX -> createSandbox();
      case RESTORES_POD -> restorePod();
      case STOPS_POD_SANDBOX -> change(Kind.POD_SANDBOX, contents::stopSandbox);
      case REMOVES_POD_SANDBOX -> change(Kind.POD_SANDBOX, contents::removeSandbox);
      case SHOWS_POD_SANDBOX -> showSandbox();
      case CREATES_CONTAINER -> createContainer();
      case STARTS_CONTAINER -> change(Kind.CONTAINER, contents::startContainer);
      case STOPS_CONTAINER -> change(Kind.CONTAINER, contents::stopContainer);
      case REMOVES_CONTAINER -> change(Kind.CONTAINER, contents::removeContainer);
      case SHOWS_CONTAINER -> showContainer();
      case SHOWS_IMAGE -> showImage();
      case REMOVES_IMAGE -> removeImages();
      default -> {}
    }
  }

  /** What a call does to the object that it names. */
  private interface Change {
    void apply(String id, long number) throws MalformedMessageException;
  }

  /** The request may name the object by a shortened id. */
  private void change(Kind kind, Change change) throws MalformedMessageException {
    String id = contents.of(kind).find(request().string(OBJECT_ID), asked);
    if (id != null) {
      change.apply(id, number);
    }
  }

  private void removeImages() throws MalformedMessageException {
    WireMessage image = request().message(RemoveImageRequest.IMAGE_FIELD_NUMBER);
    contents.removeImages(image.string(ImageSpec.IMAGE_FIELD_NUMBER), number);
  }

  private void createSandbox() throws MalformedMessageException {
    WireMessage request = request();
    createSandbox(
        response().string(RunPodSandboxResponse.POD_SANDBOX_ID_FIELD_NUMBER),
        request.message(RunPodSandboxRequest.CONFIG_FIELD_NUMBER),
        request.string(RunPodSandboxRequest.RUNTIME_HANDLER_FIELD_NUMBER));
  }

  private void createSandbox(String id, WireMessage config, String runtimeHandler)
      throws MalformedMessageException {
    ByteString entry = Entries.sandbox(id, config, runtimeHandler, inventory.scheduler.now());
    contents.create(Kind.POD_SANDBOX, entry, asked, number);
  }

  /** Without a config it is not known which pod it is; the runtime's next list shows it. */
  private void restorePod() throws MalformedMessageException {
    if (!request().has(RestorePodRequest.CONFIG_FIELD_NUMBER)) {
      return;
    }
    String sandbox = response().string(RestorePodResponse.POD_SANDBOX_ID_FIELD_NUMBER);
    createSandbox(
        sandbox,
        request().message(RestorePodRequest.CONFIG_FIELD_NUMBER),
        request().string(RestorePodRequest.RUNTIME_HANDLER_FIELD_NUMBER));
    for (WireMessage restored :
        response().messages(RestorePodResponse.RESTORED_CONTAINERS_FIELD_NUMBER)) {
      createContainer(
          restored.string(RestoredContainer.CONTAINER_ID_FIELD_NUMBER),
          sandbox,
          configOf(restored.string(RestoredContainer.NAME_FIELD_NUMBER)),
          ContainerState.CONTAINER_RUNNING);
    }
  }

  /** The config of the container of this name; with nothing but the name if none is given. */
  private WireMessage configOf(String name) throws MalformedMessageException {
    for (WireMessage config :
        request().messages(RestorePodRequest.CONTAINER_CONFIGS_FIELD_NUMBER)) {
      WireMessage metadata = config.message(ContainerConfig.METADATA_FIELD_NUMBER);
      if (metadata.string(ContainerMetadata.NAME_FIELD_NUMBER).equals(name)) {
        return config;
      }
    }
    return Entries.configNamed(name);
  }

  private void createContainer() throws MalformedMessageException {
    WireMessage request = request();
    String named = request.string(CreateContainerRequest.POD_SANDBOX_ID_FIELD_NUMBER);
    String sandbox = contents.sandboxes.find(named, asked);
    if (sandbox == null && contents.sandboxes.isStart(named, asked)) {
      return; // Ambiguous: the next list shows which sandbox it was.
    }
    createContainer(
        response().string(CreateContainerResponse.CONTAINER_ID_FIELD_NUMBER),
        sandbox == null ? named : sandbox,
        request.message(CreateContainerRequest.CONFIG_FIELD_NUMBER),
        ContainerState.CONTAINER_CREATED);
  }

  private void createContainer(String id, String sandbox, WireMessage config, ContainerState state)
      throws MalformedMessageException {
    ByteString entry = Entries.container(id, sandbox, config, state, inventory.scheduler.now());
    contents.create(Kind.CONTAINER, entry, asked, number);
  }

  private WireMessage request() throws MalformedMessageException {
    return WireMessage.parse(requestBytes);
  }

  private WireMessage response() throws MalformedMessageException {
    return WireMessage.parse(responseBytes);
  }

  private void showSandbox() throws MalformedMessageException {
    int statusField = PodSandboxStatusResponse.STATUS_FIELD_NUMBER;
    int containersField = PodSandboxStatusResponse.CONTAINERS_STATUSES_FIELD_NUMBER;
    String sandbox = "";
    for (ListEntry status :
        ListEntry.read(responseBytes, statusField, PodSandboxStatus.ID_FIELD_NUMBER)) {
      sandbox = status.id();
      contents.showSandbox(status, asked, number);
    }
    for (ListEntry status :
        ListEntry.read(responseBytes, containersField, ContainerStatus.ID_FIELD_NUMBER)) {
      contents.showContainer(status, sandbox, asked, number);
    }
  }

  /** A status does not say to which sandbox its container belongs: only known ones are updated. */
  private void showContainer() throws MalformedMessageException {
    String id = WireMessage.stringIn(responseBytes, CONTAINER_STATUS_ID);
    if (contents.containers.has(id) && !contents.showStatusAgain(id, responseBytes, asked)) {
      long state = WireMessage.numberIn(responseBytes, CONTAINER_STATUS_STATE);
      contents.showState(Kind.CONTAINER, id, state, asked);
      if (!inventory.isPrimary) {
        ByteString status = response().value(ContainerStatusResponse.STATUS_FIELD_NUMBER);
        contents.showStatus(id, status, state, asked);
      }
    }
  }

  private void showImage() throws MalformedMessageException {
    WireMessage response = response();
    if (response.has(ImageStatusResponse.IMAGE_FIELD_NUMBER)) {
      ByteString image = response.value(ImageStatusResponse.IMAGE_FIELD_NUMBER);
      String id = WireMessage.parse(image).string(Image.ID_FIELD_NUMBER);
      contents.show(Kind.IMAGE, id, 0, asked, number, () -> image);
    }
  }
}
