package org.example.vm;

import io.crirouter.proto.v1.ContainerConfig;
import io.crirouter.proto.v1.ContainerMetadata;
import io.crirouter.proto.v1.ContainerStatus;
import io.crirouter.proto.v1.ContainerStatusRequest;
import io.crirouter.proto.v1.CreateContainerRequest;
import io.crirouter.proto.v1.ImageSpec;
import io.crirouter.proto.v1.LinuxContainerResources;
import io.crirouter.proto.v1.LinuxPodSandboxConfig;
import io.crirouter.proto.v1.LinuxSandboxSecurityContext;
import io.crirouter.proto.v1.ListPodSandboxRequest;
import io.crirouter.proto.v1.NamespaceMode;
import io.crirouter.proto.v1.NamespaceOption;
import io.crirouter.proto.v1.PodSandbox;
import io.crirouter.proto.v1.PodSandboxConfig;
import io.crirouter.proto.v1.PodSandboxMetadata;
import io.crirouter.proto.v1.PodSandboxStatus;
import io.crirouter.proto.v1.PodSandboxStatusRequest;
import io.crirouter.proto.v1.PullImageRequest;
import io.crirouter.proto.v1.RemovePodSandboxRequest;
import io.crirouter.proto.v1.RunPodSandboxRequest;
import io.crirouter.proto.v1.StartContainerRequest;
import io.crirouter.proto.v1.StopContainerRequest;
import io.crirouter.proto.v1.StopPodSandboxRequest;
import io.crirouter.proto.v1.UpdateContainerResourcesRequest;
import io.crirouter.testkit.CriClient;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** Makes the calls of a kubelet. */
record Kubelet(CriClient client, Path logs) {
  private static final Duration TIMEOUT = Duration.ofSeconds(120);
  private static final Duration PAUSE = Duration.ofMillis(50);

  PodSandboxConfig pod(String name) {
    return PodSandboxConfig.newBuilder()
        .setMetadata(
            PodSandboxMetadata.newBuilder().setNamespace("default").setName(name).setUid(name))
        .setHostname(name)
        .setLogDirectory(logs.resolve(name).toString())
        .build();
  }

  PodSandboxConfig podOfTheNodesNetwork(String name) {
    return pod(name).toBuilder()
        .setLinux(
            LinuxPodSandboxConfig.newBuilder()
                .setSecurityContext(
                    LinuxSandboxSecurityContext.newBuilder()
                        .setNamespaceOptions(
                            NamespaceOption.newBuilder().setNetwork(NamespaceMode.NODE))))
        .build();
  }

  ContainerConfig container(String image) {
    return ContainerConfig.newBuilder()
        .setMetadata(ContainerMetadata.newBuilder().setName("main"))
        .setImage(ImageSpec.newBuilder().setImage(image))
        .setLogPath("main.log")
        .build();
  }

  void pull(String image) {
    var ref =
        client
            .withDeadline(TIMEOUT)
            .images()
            .pullImage(
                PullImageRequest.newBuilder()
                    .setImage(ImageSpec.newBuilder().setImage(image))
                    .build());
  }

  String run(PodSandboxConfig pod) {
    return client
        .runtime()
        .withWaitForReady()
        .runPodSandbox(RunPodSandboxRequest.newBuilder().setConfig(pod).build())
        .getPodSandboxId();
  }

  String create(String pod, PodSandboxConfig podConfig, ContainerConfig container) {
    try {
      Files.createDirectories(Path.of(podConfig.getLogDirectory()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return client
        .runtime()
        .createContainer(
            CreateContainerRequest.newBuilder()
                .setPodSandboxId(pod)
                .setConfig(container)
                .setSandboxConfig(podConfig)
                .build())
        .getContainerId();
  }

  void start(String container) {
    var started =
        client
            .runtime()
            .startContainer(StartContainerRequest.newBuilder().setContainerId(container).build());
  }

  /** Starts a pod; returns its container. */
  String runContainer(String name, String image) {
    String container = create(run(pod(name)), pod(name), container(image));
    start(container);
    return container;
  }

  ContainerStatus status(String container) {
    return client
        .runtime()
        .containerStatus(ContainerStatusRequest.newBuilder().setContainerId(container).build())
        .getStatus();
  }

  PodSandboxStatus podStatus(String pod) {
    return client
        .runtime()
        .podSandboxStatus(PodSandboxStatusRequest.newBuilder().setPodSandboxId(pod).build())
        .getStatus();
  }

  List<PodSandbox> pods() {
    return client
        .runtime()
        .listPodSandbox(ListPodSandboxRequest.getDefaultInstance())
        .getItemsList();
  }

  void stop(String container, int seconds) {
    var stopped =
        client
            .withDeadline(TIMEOUT)
            .runtime()
            .stopContainer(
                StopContainerRequest.newBuilder()
                    .setContainerId(container)
                    .setTimeout(seconds)
                    .build());
  }

  void removeAll() {
    for (PodSandbox pod : pods()) {
      var stopped =
          client
              .runtime()
              .stopPodSandbox(
                  StopPodSandboxRequest.newBuilder().setPodSandboxId(pod.getId()).build());
      var removed =
          client
              .runtime()
              .removePodSandbox(
                  RemovePodSandboxRequest.newBuilder().setPodSandboxId(pod.getId()).build());
    }
  }

  void update(String container, LinuxContainerResources resources) {
    var updated =
        client
            .runtime()
            .updateContainerResources(
                UpdateContainerResourcesRequest.newBuilder()
                    .setContainerId(container)
                    .setLinux(resources)
                    .build());
  }

  /**
   * Waits for the runtime of a pod that has just been started. It asks for the pod's status: the
   * router answers ContainerStatus in place of a lost runtime.
   */
  void awaitRuntime(String pod) {
    long deadline = System.nanoTime() + TIMEOUT.toNanos();
    while (!isAnswered(pod)) {
      if (System.nanoTime() - deadline > 0) {
        throw new AssertionError("the runtime of pod " + pod + " does not answer");
      }
      LockSupport.parkNanos(PAUSE.toNanos());
    }
  }

  private boolean isAnswered(String pod) {
    try {
      PodSandboxStatus unused = podStatus(pod);
      return true;
    } catch (StatusRuntimeException e) {
      return false;
    }
  }

  /** The log of a container. */
  String log(String container) {
    try {
      return Files.readString(Path.of(status(container).getLogPath()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void awaitLog(String container, String text) {
    long deadline = System.nanoTime() + TIMEOUT.toNanos();
    while (!log(container).contains(text)) {
      if (System.nanoTime() - deadline > 0) {
        throw new AssertionError("no '" + text + "' in the log: " + log(container));
      }
      LockSupport.parkNanos(PAUSE.toNanos());
    }
  }
}
