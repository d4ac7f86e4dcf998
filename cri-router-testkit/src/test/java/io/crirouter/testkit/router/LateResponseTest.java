package io.crirouter.testkit.router;

import static io.crirouter.testkit.router.SimulatedNode.VIRTLET;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.crirouter.proto.v1.Container;
import io.crirouter.proto.v1.ContainerState;
import io.crirouter.proto.v1.PodSandbox;
import io.crirouter.proto.v1.PodSandboxState;
import io.crirouter.proto.v1.RunPodSandboxRequest;
import io.crirouter.proto.v1.StartContainerRequest;
import io.crirouter.testkit.CriClient;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * The inventory of a runtime when a list is answered after later changes: removed objects stay
 * removed, and new ones stay.
 */
class LateResponseTest {
  private static final Duration DELAY = Duration.ofMillis(300);

  private final SimulatedNode node = SimulatedNode.start();
  private final CallsById byId = new CallsById(node.client());
  private final String sandbox = node.runPod("vm", VIRTLET);

  @AfterEach
  void stop() {
    node.close();
  }

  /** Calls a list that has the present state, but is answered after {@link #DELAY}. */
  private RawCall listSlowly(String list) {
    node.virtlet().delay(list, DELAY);
    RawCall late = RawCall.start(node.router(), list, ByteString.EMPTY);
    node.virtlet().heal();
    return late;
  }

  /** Awaits the late response and stops the runtime, so that lists show the inventory. */
  private void awaitLateResponse(RawCall late) {
    node.advance(DELAY);
    late.answer();
    node.virtlet().down();
  }

  private ContainerState state() {
    assertThat(node.containers()).hasSize(1);
    return node.containers().get(0).getState();
  }

  @Test
  void aRemovedContainerStaysRemoved() {
    String container = node.runContainer(sandbox, "main");
    RawCall late = listSlowly("ListContainers");
    byId.removeContainer(container);

    awaitLateResponse(late);

    assertThat(node.containers()).isEmpty();
  }

  @Test
  void aRemovedSandboxAndItsContainersStayRemoved() {
    node.runContainer(sandbox, "main");
    RawCall lateSandboxes = listSlowly("ListPodSandbox");
    RawCall lateContainers = listSlowly("ListContainers");
    byId.stopSandbox(sandbox);
    byId.removeSandbox(sandbox);

    awaitLateResponse(lateSandboxes);
    lateContainers.answer();

    assertThat(node.sandboxes()).isEmpty();
    assertThat(node.containers()).isEmpty();
  }

  @Test
  void aCreatedSandboxStays() {
    RawCall late = listSlowly("ListPodSandbox");
    String created = node.runPod("another", VIRTLET);

    awaitLateResponse(late);

    assertThat(node.sandboxes()).extracting(PodSandbox::getId).containsExactly(sandbox, created);
  }

  @Test
  void aCreatedContainerStays() {
    RawCall late = listSlowly("ListContainers");
    String created = node.createContainer(sandbox, "main");

    awaitLateResponse(late);

    assertThat(node.containers()).extracting(Container::getId).containsExactly(created);
  }

  @Test
  void aStartedContainerStaysStarted() {
    String container = node.createContainer(sandbox, "main");
    RawCall late = listSlowly("ListContainers");
    node.client()
        .runtime()
        .startContainer(StartContainerRequest.newBuilder().setContainerId(container).build());

    awaitLateResponse(late);

    assertThat(state()).isEqualTo(ContainerState.CONTAINER_RUNNING);
  }

  @Test
  void aStoppedContainerStaysStopped() {
    String container = node.runContainer(sandbox, "main");
    RawCall late = listSlowly("ListContainers");
    byId.stopContainer(container);

    awaitLateResponse(late);

    assertThat(state()).isEqualTo(ContainerState.CONTAINER_EXITED);
  }

  @Test
  void aStoppedSandboxStaysStopped() {
    RawCall late = listSlowly("ListPodSandbox");
    byId.stopSandbox(sandbox);

    awaitLateResponse(late);

    assertThat(node.sandboxes())
        .extracting(PodSandbox::getState)
        .containsExactly(PodSandboxState.SANDBOX_NOTREADY);
  }

  @Test
  void anOlderResponseAfterANewerOneIsIgnored() {
    RawCall late = listSlowly("ListPodSandbox");
    String behindTheRouter = directPod();
    node.sandboxes();

    awaitLateResponse(late);

    assertThat(node.sandboxes())
        .extracting(PodSandbox::getId)
        .containsExactly(sandbox, "virt__" + behindTheRouter);
  }

  @Test
  void changesOfTheRuntimeInALaterResponseCount() {
    String container = node.runContainer(sandbox, "main");
    node.virtlet().killContainer(container.replace("virt__", ""), 1);

    awaitLateResponse(listSlowly("ListContainers"));

    assertThat(state()).as("newer than the start").isEqualTo(ContainerState.CONTAINER_EXITED);
  }

  private String directPod() {
    try (var direct = CriClient.of(node.virtlet())) {
      return direct
          .runtime()
          .runPodSandbox(
              RunPodSandboxRequest.newBuilder()
                  .setConfig(SimulatedNode.pod("direct", VIRTLET))
                  .build())
          .getPodSandboxId();
    }
  }
}
