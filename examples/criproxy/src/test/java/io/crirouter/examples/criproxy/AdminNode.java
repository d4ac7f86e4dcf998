package io.crirouter.examples.criproxy;

import io.crirouter.examples.criproxy.admin.AdminSocket;
import io.crirouter.examples.criproxy.config.ProxyConfig;
import io.crirouter.examples.criproxy.service.ProxyService;
import io.crirouter.grpc.CriServer;
import io.crirouter.proto.v1.ContainerConfig;
import io.crirouter.proto.v1.ContainerMetadata;
import io.crirouter.proto.v1.CreateContainerRequest;
import io.crirouter.proto.v1.ImageSpec;
import io.crirouter.proto.v1.PodSandboxConfig;
import io.crirouter.proto.v1.PodSandboxMetadata;
import io.crirouter.proto.v1.PullImageRequest;
import io.crirouter.proto.v1.RunPodSandboxRequest;
import io.crirouter.testkit.CriClient;
import io.crirouter.testkit.FakeRuntime;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A proxy in this process, two fake runtimes behind it, and a kubelet in front of it. */
final class AdminNode implements AutoCloseable {
  final FakeRuntime containerd = FakeRuntime.create("containerd");
  final FakeRuntime virtlet = FakeRuntime.create("virtlet.cloud");
  final CriClient client;
  private final CriServer primary;
  private CriServer secondary;
  private boolean stopped;
  private final ProxyService service;
  private final Path folder;
  private final Path file;

  AdminNode(Path folder) throws Exception {
    this.folder = folder;
    primary = containerd.serve(folder.resolve("containerd.sock"));
    secondary = virtlet.serve(folder.resolve("virtlet.sock"));
    file = folder.resolve("criproxy.yaml");
    Files.writeString(
        file,
        """
        listen: %1$s/criproxy.sock
        backends:
          - {name: containerd, endpoint: %1$s/containerd.sock}
          - {name: virtlet.cloud, endpoint: %1$s/virtlet.sock}
        policies:
          - annotation: kubernetes.io/target-runtime
          - runtimeHandler: {vm: virtlet.cloud}
        stateFile: %1$s/state
        """
            .formatted(folder));
    service =
        ProxyService.connect(
            ProxyConfig.of(ProxyConfig.load(file)), List.of(new AdminSocket("1.2.3", false)));
    service.firstContact().toCompletableFuture().join();
    service.listen(false);
    client = CriClient.connect(folder.resolve("criproxy.sock"));
  }

  Path admin() {
    return folder.resolve("criproxy-admin.sock");
  }

  void stopContainerd() {
    primary.close();
  }

  void stopVirtlet() {
    secondary.close();
  }

  void startVirtlet() throws Exception {
    secondary = virtlet.serve(folder.resolve("virtlet.sock"));
  }

  /** Reloads with another configuration. */
  void reload(String yaml) throws Exception {
    Files.writeString(file, yaml);
    var unused = service.reload(() -> ProxyConfig.of(ProxyConfig.load(file)));
  }

  static PodSandboxConfig pod(String name, String target) {
    PodSandboxConfig.Builder pod =
        PodSandboxConfig.newBuilder()
            .setMetadata(
                PodSandboxMetadata.newBuilder()
                    .setNamespace("default")
                    .setName(name)
                    .setUid("uid-" + name));
    if (!target.isEmpty()) {
      pod.putAnnotations("kubernetes.io/target-runtime", target);
    }
    return pod.build();
  }

  String runPod(String name, String target) {
    return client
        .runtime()
        .runPodSandbox(RunPodSandboxRequest.newBuilder().setConfig(pod(name, target)).build())
        .getPodSandboxId();
  }

  String createContainer(String sandbox, String pod, String target) {
    ImageSpec image = ImageSpec.newBuilder().setImage("busybox:latest").build();
    PodSandboxConfig config = pod(pod, target);
    String ref =
        client
            .images()
            .pullImage(
                PullImageRequest.newBuilder()
                    .setImage(image.toBuilder().putAllAnnotations(config.getAnnotationsMap()))
                    .setSandboxConfig(config)
                    .build())
            .getImageRef();
    return client
        .runtime()
        .createContainer(
            CreateContainerRequest.newBuilder()
                .setPodSandboxId(sandbox)
                .setSandboxConfig(config)
                .setConfig(
                    ContainerConfig.newBuilder()
                        .setMetadata(ContainerMetadata.newBuilder().setName("main"))
                        .setImage(ImageSpec.newBuilder().setImage(ref)))
                .build())
        .getContainerId();
  }

  void stopProxy() {
    if (!stopped) {
      stopped = true;
      service.close();
    }
  }

  @Override
  public void close() {
    client.close();
    stopProxy();
    secondary.close();
    primary.close();
  }
}
