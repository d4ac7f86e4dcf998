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
 * What is remembered of a runtime when an answer of its comes late, after calls that changed what
 * it tells: nothing comes back from the dead and nothing new is lost.
 */
class LateResponseTest {
  private static final Duration LATE = Duration.ofMillis(300);

  private final SimulatedNode node = SimulatedNode.start();
  private final CallsById byId = new CallsById(node.client());
  private final String sandbox = node.runPod("vm", VIRTLET);

  @AfterEach
  void stop() {
    node.close();
  }

  /** A list that the runtime answers as things are now, and {@link #LATE}. */
  private RawCall askSlowly(String list) {
    node.virtlet().delay(list, LATE);
    RawCall late = RawCall.start(node.router(), list, ByteString.EMPTY);
    node.virtlet().heal();
    return late;
  }

  /** The late answer comes; from then on nothing but what is remembered is shown. */
  private void arrives(RawCall late) {
    node.advance(LATE);
    late.answer();
    node.virtlet().down();
  }

  private ContainerState state() {
    assertThat(node.containers()).hasSize(1);
    return node.containers().get(0).getState();
  }

  @Test
  void aRemovedContainerDoesNotComeBack() {
    String container = node.runContainer(sandbox, "main");
    RawCall late = askSlowly("ListContainers");
    byId.removeContainer(container);

    arrives(late);

    assertThat(node.containers()).isEmpty();
  }

  @Test
  void aRemovedSandboxDoesNotComeBackNorDoItsContainers() {
    node.runContainer(sandbox, "main");
    RawCall lateSandboxes = askSlowly("ListPodSandbox");
    RawCall lateContainers = askSlowly("ListContainers");
    byId.stopSandbox(sandbox);
    byId.removeSandbox(sandbox);

    arrives(lateSandboxes);
    lateContainers.answer();

    assertThat(node.sandboxes()).isEmpty();
    assertThat(node.containers()).isEmpty();
  }

  @Test
  void aCreatedSandboxIsNotLost() {
    RawCall late = askSlowly("ListPodSandbox");
    String created = node.runPod("another", VIRTLET);

    arrives(late);

    assertThat(node.sandboxes()).extracting(PodSandbox::getId).containsExactly(sandbox, created);
  }

  @Test
  void aCreatedContainerIsNotLost() {
    RawCall late = askSlowly("ListContainers");
    String created = node.createContainer(sandbox, "main");

    arrives(late);

    assertThat(node.containers()).extracting(Container::getId).containsExactly(created);
  }

  @Test
  void aStartIsNotUndone() {
    String container = node.createContainer(sandbox, "main");
    RawCall late = askSlowly("ListContainers");
    node.client()
        .runtime()
        .startContainer(StartContainerRequest.newBuilder().setContainerId(container).build());

    arrives(late);

    assertThat(state()).isEqualTo(ContainerState.CONTAINER_RUNNING);
  }

  @Test
  void aStopIsNotUndone() {
    String container = node.runContainer(sandbox, "main");
    RawCall late = askSlowly("ListContainers");
    byId.stopContainer(container);

    arrives(late);

    assertThat(state()).isEqualTo(ContainerState.CONTAINER_EXITED);
  }

  @Test
  void theStopOfASandboxIsNotUndone() {
    RawCall late = askSlowly("ListPodSandbox");
    byId.stopSandbox(sandbox);

    arrives(late);

    assertThat(node.sandboxes())
        .extracting(PodSandbox::getState)
        .containsExactly(PodSandboxState.SANDBOX_NOTREADY);
  }

  @Test
  void anOlderAnswerThatComesAfterANewerOneSaysNothing() {
    RawCall late = askSlowly("ListPodSandbox");
    String behindTheRouter = directPod();
    node.sandboxes();

    arrives(late);

    assertThat(node.sandboxes())
        .extracting(PodSandbox::getId)
        .containsExactly(sandbox, "virt__" + behindTheRouter);
  }

  @Test
  void whatTheRuntimeChangedItselfCountsInALaterAnswer() {
    String container = node.runContainer(sandbox, "main");
    node.virtlet().killContainer(container.replace("virt__", ""), 1);

    arrives(askSlowly("ListContainers"));

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
