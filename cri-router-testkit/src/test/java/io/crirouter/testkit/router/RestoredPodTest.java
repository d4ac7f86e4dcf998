package io.crirouter.testkit.router;

import static io.crirouter.testkit.router.Node.VIRTLET;
import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.proto.v1.CheckpointPodRequest;
import io.crirouter.proto.v1.Container;
import io.crirouter.proto.v1.ContainerState;
import io.crirouter.proto.v1.ListContainersRequest;
import io.crirouter.proto.v1.ListPodSandboxRequest;
import io.crirouter.proto.v1.PodSandbox;
import io.crirouter.proto.v1.RestorePodRequest;
import io.crirouter.proto.v1.RestorePodResponse;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A pod that was restored from a checkpoint is in the inventory like a created one. */
class RestoredPodTest {
  private static final String CHECKPOINT = "/a.tar";

  private final Node node = Node.create();

  @BeforeEach
  void writeCheckpoint() {
    String pod = node.runOnVirtlet("a");
    node.start(pod, "main");
    var unused =
        node.client
            .runtime()
            .checkpointPod(
                CheckpointPodRequest.newBuilder()
                    .setPodSandboxId(pod)
                    .setOutputPath(CHECKPOINT)
                    .build());
    node.remove(pod);
  }

  private RestorePodResponse restore(RestorePodRequest.Builder request) {
    return node.client.runtime().restorePod(request.setCheckpointPath(CHECKPOINT).build());
  }

  private List<PodSandbox> sandboxes() {
    return node.client
        .runtime()
        .listPodSandbox(ListPodSandboxRequest.getDefaultInstance())
        .getItemsList();
  }

  private List<Container> containers() {
    return node.client
        .runtime()
        .listContainers(ListContainersRequest.getDefaultInstance())
        .getContainersList();
  }

  @Test
  void aRestoredPodStaysListedWhenItsRuntimeIsLost() {
    RestorePodResponse restored =
        restore(
            RestorePodRequest.newBuilder()
                .setConfig(Pods.on(VIRTLET, "a"))
                .addContainerConfigs(Pods.container("main", "busybox").putLabels("k", "v")));

    node.virtlet.down();

    PodSandbox sandbox = sandboxes().get(0);
    assertThat(sandboxes()).hasSize(1);
    assertThat(sandbox.getId()).isEqualTo(restored.getPodSandboxId());
    assertThat(sandbox.getMetadata().getName()).isEqualTo("a");
    Container container = containers().get(0);
    assertThat(containers()).hasSize(1);
    assertThat(container.getId()).isEqualTo(restored.getRestoredContainers(0).getContainerId());
    assertThat(container.getPodSandboxId()).isEqualTo(sandbox.getId());
    assertThat(container.getMetadata().getName()).isEqualTo("main");
    assertThat(container.getLabelsMap()).containsEntry("k", "v");
    assertThat(container.getState()).isEqualTo(ContainerState.CONTAINER_RUNNING);
  }

  @Test
  void restoredContainersAreKnownByName() {
    restore(RestorePodRequest.newBuilder().setConfig(Pods.on(VIRTLET, "a")));

    node.virtlet.down();

    assertThat(containers())
        .extracting(container -> container.getMetadata().getName())
        .containsExactly("main");
  }
}
