package io.crirouter.testkit.router;

import static io.crirouter.testkit.router.FailureAssertions.assertFails;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.crirouter.core.RpcStatus;
import io.crirouter.proto.v1.CheckpointPodRequest;
import io.crirouter.proto.v1.Container;
import io.crirouter.proto.v1.ContainerConfig;
import io.crirouter.proto.v1.ContainerStatusRequest;
import io.crirouter.proto.v1.CreateContainerRequest;
import io.crirouter.proto.v1.LinuxContainerConfig;
import io.crirouter.proto.v1.LinuxContainerSecurityContext;
import io.crirouter.proto.v1.LinuxPodSandboxConfig;
import io.crirouter.proto.v1.LinuxSandboxSecurityContext;
import io.crirouter.proto.v1.ListContainerStatsRequest;
import io.crirouter.proto.v1.ListContainersRequest;
import io.crirouter.proto.v1.NamespaceMode;
import io.crirouter.proto.v1.NamespaceOption;
import io.crirouter.proto.v1.StopPodSandboxRequest;
import io.crirouter.proto.v1.StreamContainersRequest;
import io.grpc.Status.Code;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Requests with ids of two runtimes. */
class ContradictoryRequestTest {
  private final Node node = Node.create();
  private String plainPod;
  private String plainContainer;
  private String specialPod;
  private String specialContainer;

  @BeforeEach
  void runTwoPods() {
    plainPod = node.runOnContainerd("plain");
    plainContainer = node.start(plainPod, "main");
    specialPod = node.runOnVirtlet("special");
    specialContainer = node.start(specialPod, "main");
    node.containerd.journal().clear();
    node.virtlet.journal().clear();
  }

  private void assertNoRuntimeWasCalled() {
    assertThat(node.containerd.journal().calls()).isEmpty();
    assertThat(node.virtlet.journal().calls()).isEmpty();
  }

  private static ContainerConfig.Builder debugging(String target) {
    return Pods.container("debug", "busybox")
        .setLinux(
            LinuxContainerConfig.newBuilder()
                .setSecurityContext(
                    LinuxContainerSecurityContext.newBuilder().setNamespaceOptions(join(target))));
  }

  private static NamespaceOption.Builder join(String target) {
    return NamespaceOption.newBuilder().setPid(NamespaceMode.TARGET).setTargetId(target);
  }

  private String create(String pod, ContainerConfig.Builder config) {
    return node.client
        .runtime()
        .createContainer(
            CreateContainerRequest.newBuilder().setPodSandboxId(pod).setConfig(config).build())
        .getContainerId();
  }

  @Test
  void anEphemeralContainerCanTargetItsOwnRuntime() {
    assertThat(create(specialPod, debugging(specialContainer))).startsWith("virt__");
    assertThat(create(plainPod, debugging(plainContainer))).doesNotContain("__");
  }

  @Test
  void anEphemeralContainerCannotTargetAnotherRuntime() {
    assertFails(
        () -> create(specialPod, debugging(plainContainer)),
        Code.INVALID_ARGUMENT,
        plainContainer,
        "virtlet.cloud");
    assertFails(
        () -> create(plainPod, debugging(specialContainer)),
        Code.INVALID_ARGUMENT,
        specialContainer,
        "containerd");

    assertNoRuntimeWasCalled();
  }

  @Test
  void aSandboxCannotTargetAnotherRuntime() {
    assertFails(
        () ->
            node.run(
                Pods.plain("b")
                    .setLinux(
                        LinuxPodSandboxConfig.newBuilder()
                            .setSecurityContext(
                                LinuxSandboxSecurityContext.newBuilder()
                                    .setNamespaceOptions(join(specialContainer))))),
        Code.INVALID_ARGUMENT,
        specialContainer);

    assertNoRuntimeWasCalled();
  }

  @Test
  void aCheckpointCannotContainContainersOfTwoRuntimes() {
    CheckpointPodRequest.Builder request =
        CheckpointPodRequest.newBuilder()
            .setPodSandboxId(specialPod)
            .setOutputPath("/checkpoint.tar")
            .addContainerIds(specialContainer);
    node.client.runtime().checkpointPod(request.build());
    assertThat(node.virtlet.checkpoints()).containsExactly("/checkpoint.tar");
    node.virtlet.journal().clear();

    assertFails(
        () -> node.client.runtime().checkpointPod(request.addContainerIds(plainContainer).build()),
        Code.INVALID_ARGUMENT,
        plainContainer,
        "virtlet.cloud");

    assertNoRuntimeWasCalled();
  }

  private static ByteString twice(Message one, Message other) {
    return one.toByteString().concat(other.toByteString());
  }

  @Test
  void aRequestThatNamesTwoSandboxesIsRefused() {
    assertRefused(
        "StopPodSandbox",
        twice(
            StopPodSandboxRequest.newBuilder().setPodSandboxId(plainPod).build(),
            StopPodSandboxRequest.newBuilder().setPodSandboxId(specialPod).build()));
  }

  @Test
  void aRequestThatNamesTwoContainersIsRefused() {
    assertRefused(
        "ContainerStatus",
        twice(
            ContainerStatusRequest.newBuilder().setContainerId(specialContainer).build(),
            ContainerStatusRequest.newBuilder().setContainerId(plainContainer).build()));
  }

  @Test
  void aFilterWithTwoContainersInTwoPartsIsRefused() {
    assertRefused(
        "ListContainers", twice(containers(plainContainer, ""), containers(specialContainer, "")));
  }

  private void assertRefused(String rpc, ByteString request) {
    RpcStatus status = RawCall.start(node.router, rpc, request).status();

    assertThat(status.code()).isEqualTo(RpcStatus.Code.INVALID_ARGUMENT);
    assertThat(status.message()).contains("two different values");
    assertNoRuntimeWasCalled();
  }

  @Test
  void aRequestThatRepeatsAnIdPasses() {
    StopPodSandboxRequest request =
        StopPodSandboxRequest.newBuilder().setPodSandboxId(specialPod).build();

    RawCall.start(node.router, "StopPodSandbox", twice(request, request)).answer();

    assertThat(node.virtlet.journal().callsOf("StopPodSandbox"))
        .extracting(call -> "virt__" + call.request(StopPodSandboxRequest.class).getPodSandboxId())
        .containsExactly(specialPod);
  }

  private static ListContainersRequest containers(String id, String pod) {
    ListContainersRequest.Builder request = ListContainersRequest.newBuilder();
    request.getFilterBuilder().setId(id).setPodSandboxId(pod);
    return request.build();
  }

  private List<String> list(String id, String pod) {
    return node.client.runtime().listContainers(containers(id, pod)).getContainersList().stream()
        .map(Container::getId)
        .toList();
  }

  @Test
  void filtersByIdAreRoutedToTheOwner() {
    assertThat(list(specialContainer, "")).containsExactly(specialContainer);
    assertThat(list("", specialPod)).containsExactly(specialContainer);
    assertThat(list(specialContainer, specialPod)).containsExactly(specialContainer);

    assertThat(node.containerd.journal().calls()).isEmpty();
  }

  @Test
  void contradictoryFiltersMatchNothing() {
    assertThat(list(plainContainer, specialPod)).isEmpty();
    assertThat(list(specialContainer, plainPod)).isEmpty();
    assertNoRuntimeWasCalled();
  }

  @Test
  void contradictoryFiltersOfStreamsAndStatsMatchNothing() {
    StreamContainersRequest.Builder stream = StreamContainersRequest.newBuilder();
    stream.getFilterBuilder().setId(plainContainer).setPodSandboxId(specialPod);
    ListContainerStatsRequest.Builder stats = ListContainerStatsRequest.newBuilder();
    stats.getFilterBuilder().setId(plainContainer).setPodSandboxId(specialPod);

    assertThat(node.client.runtime().streamContainers(stream.build())).isExhausted();
    assertThat(node.client.runtime().listContainerStats(stats.build()).getStatsList()).isEmpty();
    assertNoRuntimeWasCalled();
  }
}
