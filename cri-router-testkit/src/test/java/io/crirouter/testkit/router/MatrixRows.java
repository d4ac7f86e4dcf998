package io.crirouter.testkit.router;

import static io.crirouter.testkit.router.FaultyNode.FAULTY;
import static io.crirouter.testkit.router.FaultyNode.HEALTHY;
import static io.crirouter.testkit.router.FaultyNode.PRIMARY;

import com.google.protobuf.Message;
import io.crirouter.core.CriMethod;
import io.crirouter.core.CriRequest;
import io.crirouter.proto.v1.AttachRequest;
import io.crirouter.proto.v1.CheckpointContainerRequest;
import io.crirouter.proto.v1.CheckpointPodRequest;
import io.crirouter.proto.v1.ContainerStatsRequest;
import io.crirouter.proto.v1.ContainerStatusRequest;
import io.crirouter.proto.v1.ExecRequest;
import io.crirouter.proto.v1.ExecSyncRequest;
import io.crirouter.proto.v1.ImageSpec;
import io.crirouter.proto.v1.ImageStatusRequest;
import io.crirouter.proto.v1.NetworkConfig;
import io.crirouter.proto.v1.PodSandboxConfig;
import io.crirouter.proto.v1.PodSandboxStatsRequest;
import io.crirouter.proto.v1.PodSandboxStatusRequest;
import io.crirouter.proto.v1.PortForwardRequest;
import io.crirouter.proto.v1.PullImageRequest;
import io.crirouter.proto.v1.RemoveContainerRequest;
import io.crirouter.proto.v1.RemoveImageRequest;
import io.crirouter.proto.v1.RemovePodSandboxRequest;
import io.crirouter.proto.v1.ReopenContainerLogRequest;
import io.crirouter.proto.v1.RestorePodRequest;
import io.crirouter.proto.v1.RunPodSandboxRequest;
import io.crirouter.proto.v1.RuntimeConfig;
import io.crirouter.proto.v1.StartContainerRequest;
import io.crirouter.proto.v1.StopContainerRequest;
import io.crirouter.proto.v1.StopPodSandboxRequest;
import io.crirouter.proto.v1.UpdateContainerResourcesRequest;
import io.crirouter.proto.v1.UpdatePodSandboxResourcesRequest;
import io.crirouter.proto.v1.UpdateRuntimeConfigRequest;
import io.crirouter.proto.v1.VersionRequest;
import io.crirouter.testkit.router.MatrixRow.Reading;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** The rows of the table of outcomes: each rpc, some with several subjects. */
final class MatrixRows {
  private static final String UNKNOWN_IMAGE = "sha256:" + "0".repeat(64);

  private final List<MatrixRow> rows = new ArrayList<>();

  private MatrixRows() {}

  static List<MatrixRow> all() {
    MatrixRows all = new MatrixRows();
    all.addCallsAboutPods();
    all.addCallsAboutContainers();
    all.addCallsAboutNewPods();
    all.addLists();
    all.addCallsAboutTheNode();
    all.addImageCalls();
    all.addImageSearches();
    all.addImageRemovals();
    return List.copyOf(all.rows);
  }

  private void add(
      String label, String rpc, Reading reading, Function<FaultyNode, Message> request) {
    add(label, rpc, rpc, reading, request);
  }

  private void add(
      String label,
      String rpc,
      String faultyRpc,
      Reading reading,
      Function<FaultyNode, Message> request) {
    rows.add(
        new MatrixRow(label, rpc, faultyRpc, node -> request.apply(node).toByteString(), reading));
  }

  /** A call by the id of a pod of the faulty runtime. */
  private void pod(String rpc, Function<String, Message> request) {
    add(rpc, rpc, Classifiers::ownerCall, node -> request.apply(node.id(FAULTY, "pod")));
  }

  /** A call by the id of a running container of the faulty runtime. */
  private void container(String rpc, Function<String, Message> request) {
    add(rpc, rpc, Classifiers::ownerCall, node -> request.apply(node.id(FAULTY, "pod/main")));
  }

  private void addCallsAboutPods() {
    pod("StopPodSandbox", id -> StopPodSandboxRequest.newBuilder().setPodSandboxId(id).build());
    pod("RemovePodSandbox", id -> RemovePodSandboxRequest.newBuilder().setPodSandboxId(id).build());
    pod("PodSandboxStatus", id -> PodSandboxStatusRequest.newBuilder().setPodSandboxId(id).build());
    pod(
        "PortForward",
        id -> PortForwardRequest.newBuilder().setPodSandboxId(id).addPort(80).build());
    pod(
        "UpdatePodSandboxResources",
        id -> UpdatePodSandboxResourcesRequest.newBuilder().setPodSandboxId(id).build());
    pod(
        "CheckpointPod",
        id ->
            CheckpointPodRequest.newBuilder().setPodSandboxId(id).setOutputPath("/pod-2").build());
    add(
        "PodSandboxStats",
        "PodSandboxStats",
        Classifiers::podStats,
        node ->
            PodSandboxStatsRequest.newBuilder().setPodSandboxId(node.id(FAULTY, "pod")).build());
  }

  private void addCallsAboutContainers() {
    add(
        "StartContainer",
        "StartContainer",
        Classifiers::ownerCall,
        node ->
            StartContainerRequest.newBuilder()
                .setContainerId(node.id(FAULTY, "pod/created"))
                .build());
    container("StopContainer", id -> StopContainerRequest.newBuilder().setContainerId(id).build());
    container(
        "RemoveContainer", id -> RemoveContainerRequest.newBuilder().setContainerId(id).build());
    container(
        "ContainerStatus", id -> ContainerStatusRequest.newBuilder().setContainerId(id).build());
    add(
        "ContainerStatus that was requested before",
        "ContainerStatus",
        Classifiers::knownStatus,
        MatrixRows::statusAskedForBefore);
    container(
        "UpdateContainerResources",
        id -> UpdateContainerResourcesRequest.newBuilder().setContainerId(id).build());
    container(
        "ReopenContainerLog",
        id -> ReopenContainerLogRequest.newBuilder().setContainerId(id).build());
    container(
        "CheckpointContainer",
        id -> CheckpointContainerRequest.newBuilder().setContainerId(id).setLocation("/c").build());
    container(
        "ExecSync", id -> ExecSyncRequest.newBuilder().setContainerId(id).addCmd("true").build());
    container(
        "Exec",
        id -> ExecRequest.newBuilder().setContainerId(id).addCmd("true").setStdout(true).build());
    container(
        "Attach", id -> AttachRequest.newBuilder().setContainerId(id).setStdout(true).build());
    container(
        "ContainerStats", id -> ContainerStatsRequest.newBuilder().setContainerId(id).build());
  }

  private static Message statusAskedForBefore(FaultyNode node) {
    ContainerStatusRequest request =
        ContainerStatusRequest.newBuilder().setContainerId(node.id(FAULTY, "pod/main")).build();
    CriMethod method = CriMethod.of("ContainerStatus");
    RawCall.start(node.router(), CriRequest.of(method, request.toByteString())).answer();
    return request;
  }

  private void addCallsAboutNewPods() {
    PodSandboxConfig.Builder another = FaultyNode.pod(FAULTY, "another");
    add(
        "RunPodSandbox",
        "RunPodSandbox",
        Classifiers::ownerCall,
        node -> RunPodSandboxRequest.newBuilder().setConfig(another).build());
    add(
        "RestorePod",
        "RestorePod",
        Classifiers::ownerCall,
        node ->
            RestorePodRequest.newBuilder()
                .setCheckpointPath(FaultyNode.CHECKPOINT)
                .setConfig(another)
                .build());
    add(
        "CreateContainer",
        "CreateContainer",
        Classifiers::ownerCall,
        node -> Pods.container(node.id(FAULTY, "pod"), "another", "busybox"));
  }

  private void list(String rpc, ListClassifier reading) {
    add(rpc, rpc, reading, node -> VersionRequest.getDefaultInstance());
  }

  private void addLists() {
    list("ListPodSandbox", ListClassifier.podItems());
    list("StreamPodSandboxes", ListClassifier.podItems());
    list("ListContainers", ListClassifier.podItems());
    list("StreamContainers", ListClassifier.podItems());
    list("ListImages", ListClassifier.ofItems());
    list("StreamImages", ListClassifier.ofItems());
    list("ListContainerStats", ListClassifier.ofFigures());
    list("StreamContainerStats", ListClassifier.ofFigures());
    list("ListPodSandboxStats", ListClassifier.ofFigures());
    list("StreamPodSandboxStats", ListClassifier.ofFigures());
    list("ListPodSandboxMetrics", ListClassifier.ofFigures());
    list("StreamPodSandboxMetrics", ListClassifier.ofFigures());
    list("ListMetricDescriptors", ListClassifier.ofItems());
    list("ImageFsInfo", ListClassifier.ofFigures());
  }

  private void empty(String rpc, Reading reading) {
    add(rpc, rpc, reading, node -> VersionRequest.getDefaultInstance());
  }

  private void addCallsAboutTheNode() {
    empty("Version", Classifiers::primaryCall);
    empty("RuntimeConfig", Classifiers::primaryCall);
    empty("Status", Classifiers::nodeStatus);
    add(
        "UpdateRuntimeConfig",
        "UpdateRuntimeConfig",
        Classifiers::configUpdate,
        node ->
            UpdateRuntimeConfigRequest.newBuilder()
                .setRuntimeConfig(
                    RuntimeConfig.newBuilder()
                        .setNetworkConfig(NetworkConfig.newBuilder().setPodCidr("10.1.0.0/24")))
                .build());
    empty("GetContainerEvents", Classifiers::eventStream);
  }

  private static Message status(ImageSpec image) {
    return ImageStatusRequest.newBuilder().setImage(image).build();
  }

  private static Message removal(String image) {
    return RemoveImageRequest.newBuilder().setImage(ImageCalls.bare(image)).build();
  }

  private static String imageId(FaultyNode node, String runtime) {
    return node.runtime(runtime).images().stream()
        .filter(image -> image.getRepoTags(0).contains(FaultyNode.image(runtime)))
        .findFirst()
        .orElseThrow()
        .getId();
  }

  private void addImageCalls() {
    PodSandboxConfig.Builder pod = FaultyNode.pod(FAULTY, "pod");
    ImageSpec image = ImageCalls.of(pod, FaultyNode.image(FAULTY) + ":latest");
    add(
        "PullImage",
        "PullImage",
        Classifiers::ownerCall,
        node -> PullImageRequest.newBuilder().setImage(image).setSandboxConfig(pod).build());
    add(
        "ImageStatus for a pod of it",
        "ImageStatus",
        Classifiers::ownerCall,
        node -> status(image));
  }

  private void addImageSearches() {
    search("ImageStatus of an image that only it has", node -> imageId(node, FAULTY));
    search("ImageStatus of an image that the primary has", node -> imageId(node, PRIMARY));
    search("ImageStatus of an image of another runtime", node -> imageId(node, HEALTHY));
    search("ImageStatus of an image that no runtime has", node -> UNKNOWN_IMAGE);
  }

  private void search(String label, Function<FaultyNode, String> image) {
    add(
        label,
        "ImageStatus",
        Classifiers::imageSearch,
        node -> status(ImageCalls.bare(image.apply(node))));
  }

  private void addImageRemovals() {
    removal("RemoveImage of an image that it has", "RemoveImage", FAULTY);
    removal("RemoveImage of an image of another runtime", "RemoveImage", HEALTHY);
    removal("RemoveImage of an image that it has, fault in ImageStatus", "ImageStatus", FAULTY);
    removal(
        "RemoveImage of an image of another runtime, fault in ImageStatus", "ImageStatus", HEALTHY);
  }

  private void removal(String label, String faultyRpc, String holder) {
    add(
        label,
        "RemoveImage",
        faultyRpc,
        Classifiers.imageRemoval(FaultyNode.image(holder)),
        node -> removal(imageId(node, holder)));
  }
}
