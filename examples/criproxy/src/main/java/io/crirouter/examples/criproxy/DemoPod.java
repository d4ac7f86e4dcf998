package io.crirouter.examples.criproxy;

import static io.crirouter.examples.criproxy.DemoNode.SPECIAL;

import io.crirouter.proto.v1.ContainerConfig;
import io.crirouter.proto.v1.ContainerMetadata;
import io.crirouter.proto.v1.ContainerStatusRequest;
import io.crirouter.proto.v1.CreateContainerRequest;
import io.crirouter.proto.v1.ExecSyncRequest;
import io.crirouter.proto.v1.ImageServiceGrpc.ImageServiceBlockingStub;
import io.crirouter.proto.v1.ImageSpec;
import io.crirouter.proto.v1.ImageStatusRequest;
import io.crirouter.proto.v1.PodSandboxConfig;
import io.crirouter.proto.v1.PodSandboxMetadata;
import io.crirouter.proto.v1.PodSandboxStatusRequest;
import io.crirouter.proto.v1.PullImageRequest;
import io.crirouter.proto.v1.RemoveContainerRequest;
import io.crirouter.proto.v1.RemovePodSandboxRequest;
import io.crirouter.proto.v1.RunPodSandboxRequest;
import io.crirouter.proto.v1.RuntimeServiceGrpc.RuntimeServiceBlockingStub;
import io.crirouter.proto.v1.StartContainerRequest;
import io.crirouter.proto.v1.StopContainerRequest;
import io.crirouter.proto.v1.StopPodSandboxRequest;
import io.grpc.Status;
import java.util.List;
import java.util.Map;

/** A pod of one container, and the calls that a kubelet makes for it. */
final class DemoPod {
  private static final String SEEN = "kubernetes.io/config.seen";
  private static final String BUSYBOX = "busybox:latest";

  private final RuntimeServiceBlockingStub runtime;
  private final ImageServiceBlockingStub images;
  private final DemoCalls calls;
  private final DemoReport report;
  private final String owner;
  private final PodSandboxConfig config;
  private String sandbox = "";
  private String image = "";
  private String container = "";

  /**
   * @param owner the runtime that must get it
   */
  DemoPod(
      String name,
      String owner,
      Map<String, String> annotations,
      RuntimeServiceBlockingStub runtime,
      ImageServiceBlockingStub images,
      DemoCalls calls,
      DemoReport report) {
    this.runtime = runtime;
    this.images = images;
    this.calls = calls;
    this.report = report;
    this.owner = owner;
    this.config =
        PodSandboxConfig.newBuilder()
            .setMetadata(
                PodSandboxMetadata.newBuilder()
                    .setName(name)
                    .setNamespace("default")
                    .setUid("uid-of-" + name))
            .putAllLabels(labels(name))
            .putAllAnnotations(annotations)
            .putAnnotations(SEEN, "2026-01-01T00:00:00." + name.length() + "Z")
            .build();
  }

  /** The labels of a kubelet, by which tools recognize a pod and its containers. */
  private static Map<String, String> labels(String name) {
    return Map.of(
        "io.kubernetes.pod.name",
        name,
        "io.kubernetes.pod.namespace",
        "default",
        "io.kubernetes.pod.uid",
        "uid-of-" + name);
  }

  /** The client's id of its sandbox. */
  String sandbox() {
    return sandbox;
  }

  /** The client's id of its container. */
  String container() {
    return container;
  }

  /** The image ref that PullImage returned. */
  String image() {
    return image;
  }

  private String name() {
    return "pod " + config.getMetadata().getName();
  }

  private ImageSpec spec(String image) {
    return ImageSpec.newBuilder()
        .setImage(image)
        .putAllAnnotations(config.getAnnotationsMap())
        .build();
  }

  /** Creates and starts the pod. */
  void run() {
    String marks = owner.equals(SPECIAL) ? ", marked for " + SPECIAL : ", not marked";
    report.section("A " + name() + marks + ".");
    sandbox =
        calls
            .call(
                "RunPodSandbox",
                name(),
                List.of(owner),
                () ->
                    runtime.runPodSandbox(
                        RunPodSandboxRequest.newBuilder().setConfig(config).build()),
                answer -> answer.getPodSandboxId())
            .getPodSandboxId();
    calls.call(
        "ImageStatus",
        BUSYBOX + " for " + name(),
        List.of(owner),
        () -> images.imageStatus(ImageStatusRequest.newBuilder().setImage(spec(BUSYBOX)).build()),
        answer -> answer.hasImage() ? answer.getImage().getId() : "has none");
    image =
        calls
            .call(
                "PullImage",
                BUSYBOX + " for " + name(),
                List.of(owner),
                () ->
                    images.pullImage(
                        PullImageRequest.newBuilder()
                            .setImage(spec(BUSYBOX))
                            .setSandboxConfig(config)
                            .build()),
                answer -> answer.getImageRef())
            .getImageRef();
    startContainer();
  }

  private void startContainer() {
    ContainerConfig main =
        ContainerConfig.newBuilder()
            .setMetadata(ContainerMetadata.newBuilder().setName("main"))
            .setImage(ImageSpec.newBuilder().setImage(image))
            .putAllLabels(config.getLabelsMap())
            .putLabels("io.kubernetes.container.name", "main")
            .build();
    container =
        calls
            .call(
                "CreateContainer",
                sandbox,
                List.of(owner),
                () ->
                    runtime.createContainer(
                        CreateContainerRequest.newBuilder()
                            .setPodSandboxId(sandbox)
                            .setConfig(main)
                            .setSandboxConfig(config)
                            .build()),
                answer -> answer.getContainerId())
            .getContainerId();
    calls.call(
        "StartContainer",
        container,
        List.of(owner),
        () ->
            runtime.startContainer(
                StartContainerRequest.newBuilder().setContainerId(container).build()),
        answer -> "done");
  }

  /** Calls PodSandboxStatus and ExecSync. */
  void inspect() {
    calls.call(
        "PodSandboxStatus",
        sandbox,
        List.of(owner),
        () ->
            runtime.podSandboxStatus(
                PodSandboxStatusRequest.newBuilder().setPodSandboxId(sandbox).build()),
        answer -> calls.require(answer.getStatus().getId(), sandbox));
    calls.call(
        "ExecSync",
        container,
        List.of(owner),
        () ->
            runtime.execSync(
                ExecSyncRequest.newBuilder()
                    .setContainerId(container)
                    .addAllCmd(List.of("echo", "hello from", owner))
                    .build()),
        answer -> calls.require(answer.getStdout().toStringUtf8().strip(), "hello from " + owner));
  }

  /** Deletes it. */
  void remove() {
    report.section("The " + name() + " is deleted.");
    calls.call(
        "StopContainer",
        container,
        List.of(owner),
        () ->
            runtime.stopContainer(
                StopContainerRequest.newBuilder().setContainerId(container).build()),
        answer -> "done");
    calls.call(
        "StopPodSandbox",
        sandbox,
        List.of(owner),
        () ->
            runtime.stopPodSandbox(
                StopPodSandboxRequest.newBuilder().setPodSandboxId(sandbox).build()),
        answer -> "done");
    calls.call(
        "RemoveContainer",
        container,
        List.of(owner),
        () ->
            runtime.removeContainer(
                RemoveContainerRequest.newBuilder().setContainerId(container).build()),
        answer -> "done");
    calls.fail(
        "ContainerStatus",
        container,
        List.of(owner),
        () ->
            runtime.containerStatus(
                ContainerStatusRequest.newBuilder().setContainerId(container).build()),
        Status.Code.NOT_FOUND);
    calls.call(
        "RemovePodSandbox",
        sandbox,
        List.of(owner),
        () ->
            runtime.removePodSandbox(
                RemovePodSandboxRequest.newBuilder().setPodSandboxId(sandbox).build()),
        answer -> "done");
  }
}
