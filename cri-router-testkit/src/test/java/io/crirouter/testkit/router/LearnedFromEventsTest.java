package io.crirouter.testkit.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.core.IdStrategy;
import io.crirouter.proto.v1.Container;
import io.crirouter.proto.v1.ContainerEventResponse;
import io.crirouter.proto.v1.ContainerState;
import io.crirouter.proto.v1.ListContainersRequest;
import io.crirouter.proto.v1.ListPodSandboxRequest;
import io.crirouter.proto.v1.PodSandbox;
import io.crirouter.proto.v1.PodSandboxState;
import io.crirouter.proto.v1.RemoveContainerRequest;
import io.crirouter.proto.v1.RemovePodSandboxRequest;
import io.crirouter.testkit.CriClient;
import io.crirouter.testkit.ResponseStream;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Changes known from events and from calls by shortened ids are kept when a runtime is lost. */
class LearnedFromEventsTest {
  private Node node = Node.create();
  private String pod = "";
  private String container = "";

  static Stream<IdStrategy> strategies() {
    return Stream.of(IdStrategy.prefixed(), IdStrategy.nativeIds());
  }

  private void start(IdStrategy ids) {
    node = Node.builder().configure(builder -> builder.ids(ids)).build();
    pod = node.runOnVirtlet("special");
    container = node.start(pod, "main");
    lastKnown();
  }

  private static String own(String id) {
    return id.replace("virt__", "");
  }

  /** The shortened id of crictl. */
  private static String shortened(String id) {
    return id.substring(0, id.length() - 40);
  }

  private List<Container> lastKnown() {
    return node.client
        .runtime()
        .listContainers(ListContainersRequest.getDefaultInstance())
        .getContainersList();
  }

  private List<PodSandbox> lastKnownPods() {
    return node.client
        .runtime()
        .listPodSandbox(ListPodSandboxRequest.getDefaultInstance())
        .getItemsList();
  }

  @ParameterizedTest
  @MethodSource("strategies")
  void anExitReportedByAnEventIsKnown(IdStrategy ids) {
    start(ids);
    try (ResponseStream<ContainerEventResponse> events = node.client.events()) {
      node.virtlet.killContainer(own(container), 1);
      node.virtlet.down();

      assertThat(lastKnown())
          .singleElement()
          .satisfies(it -> assertThat(it.getId()).isEqualTo(container))
          .satisfies(it -> assertThat(it.getState()).isEqualTo(ContainerState.CONTAINER_EXITED));
      assertThat(events.poll()).isPresent();
    }
  }

  @ParameterizedTest
  @MethodSource("strategies")
  void aSandboxFailureReportedByAnEventIsKnown(IdStrategy ids) {
    start(ids);
    try (ResponseStream<ContainerEventResponse> events = node.client.events()) {
      node.virtlet.killPod(own(pod));
      node.virtlet.down();

      assertThat(lastKnownPods())
          .singleElement()
          .satisfies(it -> assertThat(it.getState()).isEqualTo(PodSandboxState.SANDBOX_NOTREADY));
      assertThat(lastKnown())
          .singleElement()
          .satisfies(it -> assertThat(it.getState()).isEqualTo(ContainerState.CONTAINER_EXITED));
      assertThat(events.poll()).isPresent();
    }
  }

  @ParameterizedTest
  @MethodSource("strategies")
  void aRemovalReportedByAnEventIsKnown(IdStrategy ids) {
    start(ids);
    try (ResponseStream<ContainerEventResponse> events = node.client.events();
        CriClient direct = CriClient.of(node.virtlet)) {
      direct
          .runtime()
          .removeContainer(
              RemoveContainerRequest.newBuilder().setContainerId(own(container)).build());
      direct
          .runtime()
          .removePodSandbox(RemovePodSandboxRequest.newBuilder().setPodSandboxId(own(pod)).build());
      node.virtlet.down();

      assertThat(lastKnown()).isEmpty();
      assertThat(lastKnownPods()).isEmpty();
      assertThat(events.poll()).isPresent();
    }
  }

  @ParameterizedTest
  @MethodSource("strategies")
  void aRemovalOfAContainerByShortenedIdIsKnown(IdStrategy ids) {
    start(ids);

    new CallsById(node.client).removeContainer(shortened(container));
    node.virtlet.down();

    assertThat(node.virtlet.containers()).isEmpty();
    assertThat(lastKnown()).isEmpty();
    assertThat(lastKnownPods()).hasSize(1);
  }

  @ParameterizedTest
  @MethodSource("strategies")
  void aRemovalOfASandboxByShortenedIdIsKnown(IdStrategy ids) {
    start(ids);

    new CallsById(node.client).removeSandbox(shortened(pod));
    node.virtlet.down();

    assertThat(node.virtlet.pods()).isEmpty();
    assertThat(lastKnownPods()).isEmpty();
    assertThat(lastKnown()).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("strategies")
  void aStopByShortenedIdIsKnown(IdStrategy ids) {
    start(ids);

    new CallsById(node.client).stopContainer(shortened(container));
    new CallsById(node.client).stopSandbox(shortened(pod));
    node.virtlet.down();

    assertThat(lastKnown())
        .singleElement()
        .satisfies(it -> assertThat(it.getState()).isEqualTo(ContainerState.CONTAINER_EXITED));
    assertThat(lastKnownPods())
        .singleElement()
        .satisfies(it -> assertThat(it.getState()).isEqualTo(PodSandboxState.SANDBOX_NOTREADY));
  }
}
