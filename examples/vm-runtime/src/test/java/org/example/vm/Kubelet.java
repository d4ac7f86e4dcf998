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
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

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

  /** Pulls an image. Repeats the call while the runtime is not available, as kubelets do. */
  void pull(String image) {
    PullImageRequest request =
        PullImageRequest.newBuilder().setImage(ImageSpec.newBuilder().setImage(image)).build();
    await(
        () -> isAvailable(() -> client.withDeadline(TIMEOUT).images().pullImage(request)),
        () -> "the runtime for image " + image + " is not available");
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
    await(
        () -> isAvailable(() -> podStatus(pod)),
        () -> "the runtime of pod " + pod + " is not available");
  }

  /** False if the call ends with UNAVAILABLE, the router's status for a runtime it cannot reach. */
  private static boolean isAvailable(Supplier<?> call) {
    try {
      Object unused = call.get();
      return true;
    } catch (StatusRuntimeException e) {
      if (e.getStatus().getCode() == Status.Code.UNAVAILABLE) {
        return false;
      }
      throw e;
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
    await(
        () -> log(container).contains(text),
        () -> "no '" + text + "' in the log: " + log(container));
  }

  private static void await(BooleanSupplier condition, Supplier<String> failure) {
    long deadline = System.nanoTime() + TIMEOUT.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - deadline > 0) {
        throw new AssertionError(failure.get());
      }
      LockSupport.parkNanos(PAUSE.toNanos());
    }
  }
}
