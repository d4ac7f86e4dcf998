package org.example.vm;

import io.crirouter.core.Rpc;
import io.crirouter.core.RpcException;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.core.TypedBackend;
import io.crirouter.proto.v1.Container;
import io.crirouter.proto.v1.ContainerConfig;
import io.crirouter.proto.v1.ContainerFilter;
import io.crirouter.proto.v1.ContainerState;
import io.crirouter.proto.v1.ContainerStatus;
import io.crirouter.proto.v1.ContainerStatusRequest;
import io.crirouter.proto.v1.ContainerStatusResponse;
import io.crirouter.proto.v1.CreateContainerRequest;
import io.crirouter.proto.v1.CreateContainerResponse;
import io.crirouter.proto.v1.Image;
import io.crirouter.proto.v1.ImageSpec;
import io.crirouter.proto.v1.ImageStatusRequest;
import io.crirouter.proto.v1.ImageStatusResponse;
import io.crirouter.proto.v1.ListContainersRequest;
import io.crirouter.proto.v1.ListContainersResponse;
import io.crirouter.proto.v1.ListImagesRequest;
import io.crirouter.proto.v1.ListImagesResponse;
import io.crirouter.proto.v1.ListPodSandboxRequest;
import io.crirouter.proto.v1.ListPodSandboxResponse;
import io.crirouter.proto.v1.PodSandbox;
import io.crirouter.proto.v1.PodSandboxConfig;
import io.crirouter.proto.v1.PodSandboxFilter;
import io.crirouter.proto.v1.PodSandboxNetworkStatus;
import io.crirouter.proto.v1.PodSandboxState;
import io.crirouter.proto.v1.PodSandboxStatus;
import io.crirouter.proto.v1.PodSandboxStatusRequest;
import io.crirouter.proto.v1.PodSandboxStatusResponse;
import io.crirouter.proto.v1.PullImageRequest;
import io.crirouter.proto.v1.PullImageResponse;
import io.crirouter.proto.v1.RemoveContainerRequest;
import io.crirouter.proto.v1.RemoveContainerResponse;
import io.crirouter.proto.v1.RemoveImageRequest;
import io.crirouter.proto.v1.RemoveImageResponse;
import io.crirouter.proto.v1.RemovePodSandboxRequest;
import io.crirouter.proto.v1.RemovePodSandboxResponse;
import io.crirouter.proto.v1.RunPodSandboxRequest;
import io.crirouter.proto.v1.RunPodSandboxResponse;
import io.crirouter.proto.v1.RuntimeCondition;
import io.crirouter.proto.v1.RuntimeStatus;
import io.crirouter.proto.v1.StartContainerRequest;
import io.crirouter.proto.v1.StartContainerResponse;
import io.crirouter.proto.v1.StatusRequest;
import io.crirouter.proto.v1.StatusResponse;
import io.crirouter.proto.v1.StopContainerRequest;
import io.crirouter.proto.v1.StopContainerResponse;
import io.crirouter.proto.v1.StopPodSandboxRequest;
import io.crirouter.proto.v1.StopPodSandboxResponse;
import io.crirouter.proto.v1.VersionRequest;
import io.crirouter.proto.v1.VersionResponse;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/**
 * A runtime whose pods are virtual machines: all that a kubelet needs of one but the machines, of
 * which it keeps only the records.
 */
final class VmRuntime {
  // snippet: wiring
  RuntimeBackend backend(Executor executor) {
    return TypedBackend.builder()
        .executor(executor)
        .address("the VMs of this process")
        .unary(Rpc.VERSION, this::version)
        .unary(Rpc.STATUS, this::status)
        .unary(Rpc.RUN_POD_SANDBOX, this::runPod)
        .unary(Rpc.STOP_POD_SANDBOX, this::stopPod)
        .unary(Rpc.REMOVE_POD_SANDBOX, this::removePod)
        .unary(Rpc.POD_SANDBOX_STATUS, this::podStatus)
        .unary(Rpc.LIST_POD_SANDBOX, this::listPods)
        .unary(Rpc.CREATE_CONTAINER, this::createContainer)
        .unary(Rpc.START_CONTAINER, this::startContainer)
        .unary(Rpc.STOP_CONTAINER, this::stopContainer)
        .unary(Rpc.REMOVE_CONTAINER, this::removeContainer)
        .unary(Rpc.CONTAINER_STATUS, this::containerStatus)
        .unary(Rpc.LIST_CONTAINERS, this::listContainers)
        .unary(Rpc.PULL_IMAGE, this::pullImage)
        .unary(Rpc.IMAGE_STATUS, this::imageStatus)
        .unary(Rpc.LIST_IMAGES, this::listImages)
        .unary(Rpc.REMOVE_IMAGE, this::removeImage)
        .build();
  }

  // end

  private final Map<String, PodSandbox> pods = new LinkedHashMap<>();
  private final Map<String, Container> containers = new LinkedHashMap<>();
  private final Map<String, Image> images = new LinkedHashMap<>();

  // snippet: node
  private VersionResponse version(VersionRequest request) {
    return VersionResponse.newBuilder()
        .setVersion("0.1.0") // of the kubelet's protocol, always this
        .setRuntimeName("vm")
        .setRuntimeVersion("1.0.0")
        .setRuntimeApiVersion("v1")
        .build();
  }

  private StatusResponse status(StatusRequest request) {
    return StatusResponse.newBuilder()
        .setStatus(
            RuntimeStatus.newBuilder()
                .addConditions(
                    RuntimeCondition.newBuilder().setType("RuntimeReady").setStatus(true))
                .addConditions(
                    RuntimeCondition.newBuilder().setType("NetworkReady").setStatus(true)))
        .build();
  }

  // end

  // snippet: pods
  private synchronized RunPodSandboxResponse runPod(RunPodSandboxRequest request) {
    PodSandboxConfig config = request.getConfig();
    PodSandbox pod =
        PodSandbox.newBuilder()
            .setId(newId())
            .setMetadata(config.getMetadata())
            .setState(PodSandboxState.SANDBOX_READY)
            .setCreatedAt(now())
            .putAllLabels(config.getLabelsMap())
            .putAllAnnotations(config.getAnnotationsMap())
            .setRuntimeHandler(request.getRuntimeHandler())
            .build();
    pods.put(pod.getId(), pod); // and here the VM is started
    return RunPodSandboxResponse.newBuilder().setPodSandboxId(pod.getId()).build();
  }

  private synchronized ListPodSandboxResponse listPods(ListPodSandboxRequest request) {
    PodSandboxFilter filter = request.getFilter();
    return ListPodSandboxResponse.newBuilder()
        .addAllItems(
            pods.values().stream()
                .filter(pod -> pod.getId().startsWith(filter.getId()))
                .filter(pod -> !filter.hasState() || filter.getState().getState() == pod.getState())
                .filter(pod -> hasAll(pod.getLabelsMap(), filter.getLabelSelectorMap()))
                .toList())
        .build();
  }

  private synchronized PodSandboxStatusResponse podStatus(PodSandboxStatusRequest request)
      throws RpcException {
    PodSandbox pod = pods.get(request.getPodSandboxId());
    if (pod == null) {
      throw new RpcException(Code.NOT_FOUND, "there is no VM " + request.getPodSandboxId());
    }
    return PodSandboxStatusResponse.newBuilder()
        .setStatus(
            PodSandboxStatus.newBuilder()
                .setId(pod.getId())
                .setMetadata(pod.getMetadata())
                .setState(pod.getState())
                .setCreatedAt(pod.getCreatedAt())
                .setNetwork(PodSandboxNetworkStatus.newBuilder().setIp("10.1.0.2"))
                .putAllLabels(pod.getLabelsMap())
                .putAllAnnotations(pod.getAnnotationsMap())
                .setRuntimeHandler(pod.getRuntimeHandler()))
        .build();
  }

  // end

  // snippet: gone
  private synchronized StopPodSandboxResponse stopPod(StopPodSandboxRequest request) {
    pods.computeIfPresent(
        request.getPodSandboxId(),
        (id, pod) -> pod.toBuilder().setState(PodSandboxState.SANDBOX_NOTREADY).build());
    return StopPodSandboxResponse.getDefaultInstance(); // also if it is gone
  }

  private synchronized RemovePodSandboxResponse removePod(RemovePodSandboxRequest request) {
    pods.remove(request.getPodSandboxId());
    containers.values().removeIf(c -> c.getPodSandboxId().equals(request.getPodSandboxId()));
    return RemovePodSandboxResponse.getDefaultInstance(); // also if it is gone
  }

  // end

  // snippet: containers
  private synchronized CreateContainerResponse createContainer(CreateContainerRequest request)
      throws RpcException {
    if (!pods.containsKey(request.getPodSandboxId())) {
      throw new RpcException(Code.NOT_FOUND, "there is no VM " + request.getPodSandboxId());
    }
    ContainerConfig config = request.getConfig();
    Container container =
        Container.newBuilder()
            .setId(newId())
            .setPodSandboxId(request.getPodSandboxId())
            .setMetadata(config.getMetadata())
            .setImage(config.getImage())
            .setImageRef(config.getImage().getImage())
            .setState(ContainerState.CONTAINER_CREATED)
            .setCreatedAt(now())
            .putAllLabels(config.getLabelsMap())
            .putAllAnnotations(config.getAnnotationsMap())
            .build();
    containers.put(container.getId(), container);
    return CreateContainerResponse.newBuilder().setContainerId(container.getId()).build();
  }

  // end

  private synchronized StartContainerResponse startContainer(StartContainerRequest request)
      throws RpcException {
    Container container = container(request.getContainerId());
    enter(container, ContainerState.CONTAINER_RUNNING);
    return StartContainerResponse.getDefaultInstance();
  }

  private synchronized StopContainerResponse stopContainer(StopContainerRequest request) {
    Container container = containers.get(request.getContainerId());
    if (container != null) {
      enter(container, ContainerState.CONTAINER_EXITED);
    }
    return StopContainerResponse.getDefaultInstance();
  }

  private synchronized RemoveContainerResponse removeContainer(RemoveContainerRequest request) {
    containers.remove(request.getContainerId());
    return RemoveContainerResponse.getDefaultInstance();
  }

  private synchronized ContainerStatusResponse containerStatus(ContainerStatusRequest request)
      throws RpcException {
    Container container = container(request.getContainerId());
    return ContainerStatusResponse.newBuilder()
        .setStatus(
            ContainerStatus.newBuilder()
                .setId(container.getId())
                .setMetadata(container.getMetadata())
                .setState(container.getState())
                .setCreatedAt(container.getCreatedAt())
                .setImage(container.getImage())
                .setImageRef(container.getImageRef())
                .putAllLabels(container.getLabelsMap())
                .putAllAnnotations(container.getAnnotationsMap()))
        .build();
  }

  private synchronized ListContainersResponse listContainers(ListContainersRequest request) {
    ContainerFilter filter = request.getFilter();
    return ListContainersResponse.newBuilder()
        .addAllContainers(
            containers.values().stream()
                .filter(container -> container.getId().startsWith(filter.getId()))
                .filter(
                    container -> container.getPodSandboxId().startsWith(filter.getPodSandboxId()))
                .filter(
                    container ->
                        !filter.hasState() || filter.getState().getState() == container.getState())
                .filter(container -> hasAll(container.getLabelsMap(), filter.getLabelSelectorMap()))
                .toList())
        .build();
  }

  // snippet: images
  private synchronized PullImageResponse pullImage(PullImageRequest request) {
    String name = request.getImage().getImage();
    Image image =
        images.computeIfAbsent( // what containers use keeps its id
            name,
            absent ->
                Image.newBuilder()
                    .setId("sha256:" + newId())
                    .addRepoTags(name)
                    .setSize(1 << 20)
                    .build());
    return PullImageResponse.newBuilder().setImageRef(image.getId()).build();
  }

  private synchronized ImageStatusResponse imageStatus(ImageStatusRequest request) {
    ImageStatusResponse.Builder response = ImageStatusResponse.newBuilder();
    find(request.getImage()).ifPresent(response::setImage);
    return response.build(); // never NOT_FOUND
  }

  // end

  private synchronized ListImagesResponse listImages(ListImagesRequest request) {
    return ListImagesResponse.newBuilder().addAllImages(images.values()).build();
  }

  private synchronized RemoveImageResponse removeImage(RemoveImageRequest request) {
    images.values().removeIf(image -> isCalled(image, request.getImage().getImage()));
    return RemoveImageResponse.getDefaultInstance();
  }

  private Optional<Image> find(ImageSpec spec) {
    return images.values().stream().filter(image -> isCalled(image, spec.getImage())).findFirst();
  }

  private static boolean isCalled(Image image, String name) {
    return image.getId().equals(name) || image.getRepoTagsList().contains(name);
  }

  private Container container(String id) throws RpcException {
    Container container = containers.get(id);
    if (container == null) {
      throw new RpcException(Code.NOT_FOUND, "there is no container " + id);
    }
    return container;
  }

  private void enter(Container container, ContainerState state) {
    containers.put(container.getId(), container.toBuilder().setState(state).build());
  }

  private static boolean hasAll(Map<String, String> labels, Map<String, String> wanted) {
    return labels.entrySet().containsAll(wanted.entrySet());
  }

  private static String newId() {
    return UUID.randomUUID().toString().replace("-", "");
  }

  private static long now() {
    return TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis());
  }
}
