package io.crirouter.testkit.router;

import static io.crirouter.testkit.router.SimulatedNode.PRIMARY;
import static io.crirouter.testkit.router.SimulatedNode.VIRTLET;
import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.core.BackendName;
import io.crirouter.core.RoutingPolicy;
import io.crirouter.core.StateStore;
import io.crirouter.proto.v1.Container;
import io.crirouter.proto.v1.NetworkConfig;
import io.crirouter.proto.v1.PodSandbox;
import io.crirouter.proto.v1.PodSandboxConfig;
import io.crirouter.proto.v1.RemovePodSandboxRequest;
import io.crirouter.proto.v1.RunPodSandboxRequest;
import io.crirouter.proto.v1.RuntimeConfig;
import io.crirouter.proto.v1.UpdateRuntimeConfigRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The router is killed and restarted while a runtime is down. */
class RestartTest {
  private static final Duration UNTIL_SAVED = Duration.ofMillis(200);

  @TempDir private Path folder;
  private Path file;
  private SimulatedNode node;

  @BeforeEach
  void startNode() throws IOException {
    file = folder.resolve("state");
    node =
        SimulatedNode.of(PRIMARY, VIRTLET)
            .withStore(StateStore.file(file, Runnable::run))
            .startRouter();
  }

  @Test
  void listsAreCompleteAfterARestart() {
    String plain = node.runPod("web", PRIMARY);
    String marked = node.runPod("vm", VIRTLET);
    String container = node.runContainer(marked, "main");
    node.virtlet().down();
    node.advance(UNTIL_SAVED);

    node.startRouter();

    assertThat(node.sandboxes()).extracting(PodSandbox::getId).containsExactly(plain, marked);
    assertThat(node.containers()).extracting(Container::getId).containsExactly(container);
  }

  @Test
  void currentListsReplaceTheRestoredState() {
    String gone = node.runPod("gone", VIRTLET);
    node.virtlet().down();
    node.advance(UNTIL_SAVED);
    node.startRouter();
    assertThat(node.sandboxes()).hasSize(1);

    node.virtlet().up();
    node.advance(Duration.ofSeconds(1));
    node.client()
        .runtime()
        .removePodSandbox(RemovePodSandboxRequest.newBuilder().setPodSandboxId(gone).build());
    node.virtlet().down();

    assertThat(node.sandboxes()).isEmpty();
  }

  @Test
  void aPodKeepsItsPlacementAfterARestartWithAnotherPolicy() {
    node.runPod("vm", VIRTLET);
    node.advance(UNTIL_SAVED);
    node.configured(builder -> builder.policy(pod -> Optional.empty()));

    node.startRouter();
    String again = node.runPod("vm", VIRTLET, 1);

    assertThat(again).startsWith("virt__");
  }

  @Test
  void imageCallsOfAPlacedPodKeepTheirRuntimeAfterARestart() {
    PodSandboxConfig.Builder pod = Pods.plain("vm");
    node.configured(
        builder ->
            builder.policy(RoutingPolicy.runtimeHandler(Map.of("vm", BackendName.of(VIRTLET)))));
    node.withRuntime(VIRTLET, fake -> fake.runtimeHandler("vm")).startRouter();
    var unused =
        node.client()
            .runtime()
            .runPodSandbox(
                RunPodSandboxRequest.newBuilder().setConfig(pod).setRuntimeHandler("vm").build());
    node.virtlet().pullImage("cirros");
    node.advance(UNTIL_SAVED);

    node.startRouter();

    assertThat(new ImageCalls(node.client()).status(ImageCalls.of(pod, "cirros:latest")))
        .as("an image that only its runtime has")
        .isPresent();
  }

  @Test
  void theRuntimeConfigIsSentToALateRuntimeAfterARestart() {
    node.virtlet().down();
    RuntimeConfig config =
        RuntimeConfig.newBuilder()
            .setNetworkConfig(NetworkConfig.newBuilder().setPodCidr("10.1.0.0/24"))
            .build();
    node.client()
        .runtime()
        .updateRuntimeConfig(
            UpdateRuntimeConfigRequest.newBuilder().setRuntimeConfig(config).build());
    node.advance(UNTIL_SAVED);

    node.startRouter();
    node.virtlet().up();
    node.advance(Duration.ofSeconds(1));

    assertThat(node.virtlet().runtimeConfig()).contains(config);
  }

  @Test
  void aDamagedFileIsSetAside() throws IOException {
    String marked = node.runPod("vm", VIRTLET);
    node.advance(UNTIL_SAVED);
    byte[] content = Files.readAllBytes(file);
    content[content.length - 1] ^= 1;
    Files.write(file, content);

    node.startRouter();

    assertThat(folder.resolve("state.damaged")).exists();
    assertThat(node.sandboxes()).extracting(PodSandbox::getId).containsExactly(marked);
    node.virtlet().down();
    assertThat(node.sandboxes()).extracting(PodSandbox::getId).containsExactly(marked);
  }

  @Test
  void aForeignFileIsSetAside() throws IOException {
    Files.writeString(file, "something\nelse\nentirely\nthat is no state");

    node.startRouter();

    assertThat(folder.resolve("state.damaged"))
        .hasContent("something\nelse\nentirely\nthat is no state");
    assertThat(node.sandboxes()).isEmpty();
  }

  @Test
  void anInterruptedWriteKeepsTheFormerState() throws IOException {
    String marked = node.runPod("vm", VIRTLET);
    node.virtlet().down();
    node.advance(UNTIL_SAVED);
    Files.writeString(folder.resolve("state.new"), "cri-router state 1\nhalf of it");

    node.startRouter();

    assertThat(node.sandboxes()).extracting(PodSandbox::getId).isEqualTo(List.of(marked));
  }

  @Test
  void nothingIsWrittenWhileNothingChanges() throws IOException {
    node.runPod("vm", VIRTLET);
    node.sandboxes();
    node.containers();
    node.advance(UNTIL_SAVED);
    Files.delete(file);

    for (int i = 0; i < 20; i++) {
      node.sandboxes();
      node.containers();
      node.advance(Duration.ofSeconds(1));
    }

    assertThat(file).doesNotExist();
  }
}
