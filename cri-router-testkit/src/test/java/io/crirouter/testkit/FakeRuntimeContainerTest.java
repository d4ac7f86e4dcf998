package io.crirouter.testkit;

import static io.crirouter.testkit.GrpcAssertions.assertFails;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.crirouter.proto.v1.Container;
import io.crirouter.proto.v1.ContainerConfig;
import io.crirouter.proto.v1.ContainerFilter;
import io.crirouter.proto.v1.ContainerState;
import io.crirouter.proto.v1.ContainerStateValue;
import io.crirouter.proto.v1.ContainerStatus;
import io.crirouter.proto.v1.ContainerStatusRequest;
import io.crirouter.proto.v1.Image;
import io.crirouter.proto.v1.LinuxContainerConfig;
import io.crirouter.proto.v1.LinuxContainerResources;
import io.crirouter.proto.v1.LinuxContainerSecurityContext;
import io.crirouter.proto.v1.ListContainersRequest;
import io.crirouter.proto.v1.Mount;
import io.crirouter.proto.v1.NamespaceMode;
import io.crirouter.proto.v1.NamespaceOption;
import io.crirouter.proto.v1.RemoveContainerRequest;
import io.crirouter.proto.v1.RemoveImageRequest;
import io.crirouter.proto.v1.ReopenContainerLogRequest;
import io.crirouter.proto.v1.RuntimeServiceGrpc;
import io.crirouter.proto.v1.StopContainerRequest;
import io.crirouter.proto.v1.StreamContainersRequest;
import io.crirouter.proto.v1.UpdateContainerResourcesRequest;
import io.grpc.Status.Code;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FakeRuntimeContainerTest {
  private final ManualScheduler time = new ManualScheduler();
  private final FakeRuntime runtime =
      FakeRuntime.named("containerd").scheduler(time).images("busybox").build();
  private final CriClient client = CriClient.of(runtime);
  private final Image busybox = runtime.images().get(0);
  private String pod = "";

  @BeforeEach
  void runPod() {
    pod = Requests.runPod(client, "web");
  }

  @Test
  void aContainerIsCreatedThenRunningThenExited() {
    String id = Requests.create(client, pod, "app");
    assertThat(Requests.status(client, id).getState()).isEqualTo(ContainerState.CONTAINER_CREATED);
    assertThat(Requests.status(client, id).getStartedAt()).isZero();

    Requests.start(client, id);
    assertThat(Requests.status(client, id).getState()).isEqualTo(ContainerState.CONTAINER_RUNNING);
    assertThat(Requests.status(client, id).getFinishedAt()).isZero();

    time.advance(Duration.ofSeconds(5));
    stop(id, 2);
    ContainerStatus status = Requests.status(client, id);
    assertThat(status.getState()).isEqualTo(ContainerState.CONTAINER_EXITED);
    assertThat(status.getExitCode()).as("SIGTERM").isEqualTo(143);
    assertThat(status.getReason()).isEqualTo("Error");
    assertThat(Duration.ofNanos(status.getFinishedAt() - status.getStartedAt()))
        .isCloseTo(Duration.ofSeconds(5), Duration.ofNanos(100));
    assertFails(() -> Requests.start(client, id), Code.UNKNOWN, "CONTAINER_EXITED");
  }

  @Test
  void statusAndListNameTheImageAsContainerdDoes() {
    String id =
        client
            .runtime()
            .createContainer(Requests.container(pod, "app", busybox.getId()))
            .getContainerId();

    ContainerStatus status = Requests.status(client, id);
    assertThat(status.getImage().getImage()).isEqualTo("docker.io/library/busybox:latest");
    assertThat(status.getImageRef()).isEqualTo(busybox.getRepoDigests(0));
    assertThat(status.getImageId()).isEqualTo(busybox.getId());
    assertThat(status.getLogPath()).isEqualTo("/var/log/pods/web/app/0.log");

    Container listed = runtime.containers().get(0);
    assertThat(listed.getImage().getImage()).isEqualTo(busybox.getId());
    assertThat(listed.getImageRef()).isEqualTo(busybox.getId());
    assertThat(listed.getImageId()).isEqualTo(busybox.getId());
    assertThat(listed.getPodSandboxId()).isEqualTo(pod);
  }

  @Test
  void aContainerOutlivesItsImage() {
    String id = Requests.startNew(client, pod, "app");
    client
        .images()
        .removeImage(
            RemoveImageRequest.newBuilder().setImage(Requests.spec(busybox.getId())).build());

    ContainerStatus status = Requests.status(client, id);
    assertThat(status.getImage().getImage()).isEqualTo("busybox");
    assertThat(status.getImageRef()).isEqualTo(busybox.getId());
  }

  @Test
  void aContainerNeedsASandboxAnImageAndMetadata() {
    assertFails(() -> Requests.create(client, "gone", "app"), Code.NOT_FOUND, "gone");
    assertFails(
        () -> client.runtime().createContainer(Requests.container(pod, "app", "nginx")),
        Code.NOT_FOUND,
        "nginx");
    assertFails(
        () ->
            client
                .runtime()
                .createContainer(Requests.container(pod, ContainerConfig.getDefaultInstance())),
        Code.UNKNOWN,
        "metadata");
    assertThat(runtime.containers()).isEmpty();
  }

  @Test
  void aMountedImageMustBePresentToo() {
    ContainerConfig config =
        Requests.containerConfig("app", "busybox").toBuilder()
            .addMounts(
                Mount.newBuilder().setContainerPath("/data").setImage(Requests.spec("models")))
            .build();

    assertFails(
        () -> client.runtime().createContainer(Requests.container(pod, config)),
        Code.NOT_FOUND,
        "models");

    runtime.pullImage("models");
    String id = client.runtime().createContainer(Requests.container(pod, config)).getContainerId();
    assertThat(Requests.status(client, id).getMountsList()).isEqualTo(config.getMountsList());
  }

  @Test
  void anEphemeralContainerNeedsARunningTargetInTheSameSandbox() {
    String target = Requests.create(client, pod, "app");
    assertFails(() -> attachTo(pod, target), Code.UNKNOWN, "CONTAINER_CREATED");

    Requests.start(client, target);
    assertThat(attachTo(pod, target)).isNotEmpty();

    String other = Requests.runPod(client, "other");
    assertFails(() -> attachTo(other, target), Code.UNKNOWN, other);
  }

  @Test
  void theSameAttemptOfAContainerIsRefusedWhileTheFirstExists() {
    String first = Requests.create(client, pod, "app");
    assertFails(() -> Requests.create(client, pod, "app"), Code.UNKNOWN, "reserved", first);

    remove(first);
    assertThat(Requests.create(client, pod, "app")).isNotEqualTo(first);
  }

  @Test
  void stopCanBeRepeatedAndIgnoresContainersThatAreNotRunning() {
    String id = Requests.create(client, pod, "app");
    stop(id, 0);
    assertThat(Requests.status(client, id).getState()).isEqualTo(ContainerState.CONTAINER_CREATED);

    Requests.start(client, id);
    stop(id, 0);
    stop(id, 10);
    assertThat(Requests.status(client, id).getExitCode())
        .as("killed, as there was no grace period")
        .isEqualTo(137);
    stop("gone", 0);
  }

  @Test
  void removeCanBeRepeatedAndStopsRunningContainers() {
    String id = Requests.startNew(client, pod, "app");

    remove(id);
    remove(id);

    assertThat(runtime.containers()).isEmpty();
    assertFails(() -> Requests.status(client, id), Code.NOT_FOUND, id);
  }

  @Test
  void killContainerEndsTheProcess() {
    String done = Requests.startNew(client, pod, "job");
    String killed = Requests.startNew(client, pod, "greedy");

    runtime.killContainer(done, 0);
    runtime.killContainer(killed, 137, "OOMKilled");

    assertThat(Requests.status(client, done).getReason()).isEqualTo("Completed");
    assertThat(Requests.status(client, killed).getReason()).isEqualTo("OOMKilled");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> runtime.killContainer(done, 1))
        .withMessageContaining("CONTAINER_EXITED");
  }

  @Test
  void listsAreFilteredByIdSandboxStateAndLabels() {
    String app = Requests.startNew(client, pod, "app");
    String created = Requests.create(client, pod, "later");
    String otherPod = Requests.runPod(client, "other");
    String other = Requests.startNew(client, otherPod, "app");

    assertThat(ids(ContainerFilter.newBuilder())).containsExactly(app, created, other);
    assertThat(ids(ContainerFilter.newBuilder().setId(app.substring(0, 13)))).containsExactly(app);
    assertThat(ids(ContainerFilter.newBuilder().setPodSandboxId(pod)))
        .containsExactly(app, created);
    assertThat(ids(ContainerFilter.newBuilder().setPodSandboxId(otherPod.substring(0, 13))))
        .containsExactly(other);
    assertThat(
            ids(
                ContainerFilter.newBuilder()
                    .setState(
                        ContainerStateValue.newBuilder()
                            .setState(ContainerState.CONTAINER_CREATED))))
        .containsExactly(created);
    assertThat(ids(ContainerFilter.newBuilder().putLabelSelector("container", "app")))
        .containsExactly(app, other);
    assertThat(ids(ContainerFilter.newBuilder().setId(app).setPodSandboxId(otherPod))).isEmpty();
  }

  @Test
  void containersAreStreamedAsTheyAreListed() {
    Requests.create(client, pod, "app");
    Requests.create(client, pod, "later");

    assertThat(
            client.stream(
                    RuntimeServiceGrpc.getStreamContainersMethod(),
                    StreamContainersRequest.getDefaultInstance())
                .rest())
        .flatExtracting(chunk -> chunk.getContainersList())
        .isEqualTo(runtime.containers());
  }

  @Test
  void updatedResourcesAreMerged() {
    ContainerConfig config =
        Requests.containerConfig("app", "busybox").toBuilder()
            .setLinux(
                LinuxContainerConfig.newBuilder()
                    .setResources(
                        LinuxContainerResources.newBuilder()
                            .setCpuShares(100)
                            .setMemoryLimitInBytes(1000)))
            .build();
    String id = client.runtime().createContainer(Requests.container(pod, config)).getContainerId();

    client
        .runtime()
        .updateContainerResources(
            UpdateContainerResourcesRequest.newBuilder()
                .setContainerId(id)
                .setLinux(LinuxContainerResources.newBuilder().setMemoryLimitInBytes(2000))
                .build());

    assertThat(Requests.status(client, id).getResources().getLinux())
        .isEqualTo(
            LinuxContainerResources.newBuilder()
                .setCpuShares(100)
                .setMemoryLimitInBytes(2000)
                .build());
  }

  @Test
  void theLogIsReopenedOnlyWhileTheContainerRuns() {
    String id = Requests.create(client, pod, "app");
    ReopenContainerLogRequest request =
        ReopenContainerLogRequest.newBuilder().setContainerId(id).build();
    assertFails(() -> client.runtime().reopenContainerLog(request), Code.UNKNOWN, id);

    Requests.start(client, id);
    client.runtime().reopenContainerLog(request);
  }

  @Test
  void infoIsOnlyInVerboseResponses() {
    String id = Requests.create(client, pod, "app");
    ContainerStatusRequest.Builder request = ContainerStatusRequest.newBuilder().setContainerId(id);

    assertThat(client.runtime().containerStatus(request.build()).getInfoMap()).isEmpty();
    assertThat(client.runtime().containerStatus(request.setVerbose(true).build()).getInfoMap())
        .containsKey("info");
  }

  private String attachTo(String podId, String target) {
    ContainerConfig config =
        Requests.containerConfig("debugger", "busybox").toBuilder()
            .setLinux(
                LinuxContainerConfig.newBuilder()
                    .setSecurityContext(
                        LinuxContainerSecurityContext.newBuilder()
                            .setNamespaceOptions(
                                NamespaceOption.newBuilder()
                                    .setPid(NamespaceMode.TARGET)
                                    .setTargetId(target))))
            .build();
    return client.runtime().createContainer(Requests.container(podId, config)).getContainerId();
  }

  private List<String> ids(ContainerFilter.Builder filter) {
    return client
        .runtime()
        .listContainers(ListContainersRequest.newBuilder().setFilter(filter).build())
        .getContainersList()
        .stream()
        .map(Container::getId)
        .toList();
  }

  private void stop(String id, long timeout) {
    client
        .runtime()
        .stopContainer(
            StopContainerRequest.newBuilder().setContainerId(id).setTimeout(timeout).build());
  }

  private void remove(String id) {
    client
        .runtime()
        .removeContainer(RemoveContainerRequest.newBuilder().setContainerId(id).build());
  }
}
