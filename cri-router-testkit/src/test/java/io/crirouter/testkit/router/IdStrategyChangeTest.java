package io.crirouter.testkit.router;

import static io.crirouter.testkit.router.CallsById.refusal;
import static io.crirouter.testkit.router.SimulatedNode.PRIMARY;
import static io.crirouter.testkit.router.SimulatedNode.VIRTLET;
import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.core.IdStrategy;
import io.crirouter.core.RoutingPolicy;
import io.crirouter.core.StateStore;
import io.crirouter.proto.v1.CheckpointPodRequest;
import io.crirouter.proto.v1.Container;
import io.crirouter.proto.v1.ContainerFilter;
import io.crirouter.proto.v1.PodSandbox;
import io.crirouter.proto.v1.PodSandboxStatusRequest;
import io.crirouter.proto.v1.StopContainerRequest;
import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The router of a node with running pods is restarted with another id strategy. The kubelet uses
 * the former ids until its next relist.
 */
class IdStrategyChangeTest {
  private static final String PREFIX = "virt__";
  private static final List<String> CHANGES =
      List.of(
          "RunPodSandbox",
          "StopPodSandbox",
          "RemovePodSandbox",
          "CreateContainer",
          "StartContainer",
          "StopContainer",
          "RemoveContainer");

  @TempDir private Path folder;
  private SimulatedNode node = SimulatedNode.of();
  private String plain = "";

  /** The id at the runtime. */
  private String sandbox = "";

  private String container = "";

  @BeforeEach
  void runPodsOnBothRuntimes() throws IOException {
    node =
        SimulatedNode.of(PRIMARY, VIRTLET)
            .withStore(StateStore.file(folder.resolve("state"), Runnable::run));
  }

  @AfterEach
  void stop() {
    node.close();
  }

  private void begin(IdStrategy ids) {
    node.configured(builder -> builder.ids(ids)).startRouter();
    plain = node.runPod("web", PRIMARY);
    node.runContainer(node.runPod("vm", VIRTLET), "main");
    sandbox = node.virtlet().pods().get(0).getId();
    container = node.virtlet().containers().get(0).getId();
    node.sandboxes();
    node.containers();
    node.advance(Duration.ofSeconds(2));
    node.runtime(PRIMARY).journal().clear();
    node.virtlet().journal().clear();
  }

  private void restartWith(IdStrategy ids) {
    node.close();
    node.configured(builder -> builder.ids(ids)).startRouter();
  }

  private CallsById byId() {
    return new CallsById(node.client());
  }

  private void assertNoModifyingCalls() {
    for (String rpc : CHANGES) {
      assertThat(node.runtime(PRIMARY).journal().callsOf(rpc)).as(rpc).isEmpty();
      assertThat(node.virtlet().journal().callsOf(rpc)).as(rpc).isEmpty();
    }
  }

  @Test
  void listsHaveEachItemOnceWithItsNewId() {
    begin(IdStrategy.prefixed());
    restartWith(IdStrategy.nativeIds());

    assertThat(node.sandboxes()).extracting(PodSandbox::getId).containsExactly(plain, sandbox);
    assertThat(node.containers()).extracting(Container::getId).containsExactly(container);
    assertThat(node.containers().get(0).getPodSandboxId()).isEqualTo(sandbox);
    assertNoModifyingCalls();
  }

  @Test
  void formerPrefixedIdsReachTheirRuntime() {
    begin(IdStrategy.prefixed());
    restartWith(IdStrategy.nativeIds());

    assertThat(byId().sandboxStatus(PREFIX + sandbox)).isEqualTo(sandbox);
    assertThat(byId().containerStatus(PREFIX + container)).isEqualTo(container);
    assertThat(byId().sandboxesLike(PREFIX + sandbox)).containsExactly(sandbox);
    assertThat(
            byId().containersLike(ContainerFilter.newBuilder().setPodSandboxId(PREFIX + sandbox)))
        .containsExactly(container);
    byId().stopContainer(PREFIX + container);
    assertThat(stopped()).isEqualTo(container);
  }

  private String stopped() {
    return node.virtlet()
        .journal()
        .takeCall("StopContainer")
        .request(StopContainerRequest.class)
        .getContainerId();
  }

  @Test
  void aRequestMayHaveIdsOfBothForms() {
    begin(IdStrategy.prefixed());
    restartWith(IdStrategy.nativeIds());

    node.client()
        .runtime()
        .checkpointPod(
            CheckpointPodRequest.newBuilder()
                .setPodSandboxId(PREFIX + sandbox)
                .addContainerIds(container)
                .setOutputPath("/tmp/checkpoint.tar")
                .build());

    assertThat(node.virtlet().checkpoints()).isNotEmpty();
  }

  @Test
  void aRuntimeThatIsLostDuringTheChangeIsKnown() {
    begin(IdStrategy.prefixed());
    node.virtlet().down();
    restartWith(IdStrategy.nativeIds());

    assertThat(node.sandboxes()).extracting(PodSandbox::getId).containsExactly(plain, sandbox);
    for (String id : List.of(sandbox, PREFIX + sandbox)) {
      Status refusal = refusal(() -> byId().stopSandbox(id));
      assertThat(refusal.getCode()).as(id).isEqualTo(Status.Code.UNAVAILABLE);
      assertThat(refusal.getDescription()).as(id).contains("runtime virtlet.cloud");
    }
  }

  @Test
  void aPodKeepsItsPlacementUntilARemovalByEitherId() {
    begin(IdStrategy.prefixed());
    node.close();
    node.configured(builder -> builder.ids(IdStrategy.nativeIds()).policy(RoutingPolicy.firstOf()))
        .startRouter();
    node.runtime(PRIMARY).journal().clear();

    refusal(() -> node.runPod("vm", VIRTLET));
    assertThat(node.virtlet().journal().callsOf("RunPodSandbox"))
        .as("where its sandbox is, which has its name")
        .hasSize(1);
    byId().removeSandbox(sandbox);
    node.runPod("vm", VIRTLET);

    assertThat(node.runtime(PRIMARY).journal().callsOf("RunPodSandbox"))
        .as("the current decision of the policy")
        .hasSize(1);
  }

  @Test
  void formerNativeIdsReachTheirRuntime() {
    begin(IdStrategy.nativeIds());
    restartWith(IdStrategy.prefixed());

    assertThat(node.sandboxes())
        .extracting(PodSandbox::getId)
        .containsExactly(plain, PREFIX + sandbox);
    assertThat(byId().sandboxStatus(sandbox)).isEqualTo(PREFIX + sandbox);
    assertThat(byId().containerStatus(container)).isEqualTo(PREFIX + container);
    assertThat(byId().sandboxesLike(sandbox)).containsExactly(PREFIX + sandbox);
    assertNoModifyingCalls();
    byId().stopContainer(container);
    assertThat(stopped()).isEqualTo(container);
    assertThat(node.runtime(PRIMARY).journal().callsOf("StopContainer")).isEmpty();
  }

  @Test
  void formerNativeIdsOfALostRuntimeAreUnavailable() {
    begin(IdStrategy.nativeIds());
    node.virtlet().down();
    restartWith(IdStrategy.prefixed());

    Status refusal = refusal(() -> byId().stopSandbox(sandbox));
    assertThat(refusal.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(refusal.getDescription()).contains("runtime virtlet.cloud");
  }

  @Test
  void formerNativeIdsAreKnownForTenMinutes() {
    begin(IdStrategy.nativeIds());
    restartWith(IdStrategy.prefixed());
    node.advance(Duration.ofMinutes(9));
    assertThat(byId().sandboxStatus(sandbox)).isEqualTo(PREFIX + sandbox);
    restartWith(IdStrategy.prefixed());
    assertThat(byId().sandboxStatus(sandbox)).isEqualTo(PREFIX + sandbox);

    node.advance(Duration.ofMinutes(11));
    restartWith(IdStrategy.prefixed());

    assertThat(refusal(() -> byId().sandboxStatus(sandbox)).getCode())
        .isEqualTo(Status.Code.NOT_FOUND);
    assertThat(
            node.runtime(PRIMARY)
                .journal()
                .takeCall("PodSandboxStatus")
                .request(PodSandboxStatusRequest.class)
                .getPodSandboxId())
        .isEqualTo(sandbox);
  }

  @Test
  void aRequestForThePrimaryCannotHaveANativeIdOfASecondary() {
    begin(IdStrategy.nativeIds());
    restartWith(IdStrategy.prefixed());

    Status refusal =
        refusal(
            () ->
                node.client()
                    .runtime()
                    .checkpointPod(
                        CheckpointPodRequest.newBuilder()
                            .setPodSandboxId(plain)
                            .addContainerIds(container)
                            .setOutputPath("/tmp/checkpoint.tar")
                            .build()));

    assertThat(refusal.getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(refusal.getDescription()).contains(container, PRIMARY);
  }

  @Test
  void withNativeIdsTwoRuntimesMayHaveTheSamePrefix() {
    try (SimulatedNode crowded =
        SimulatedNode.of(PRIMARY, "virtlet.one", "virtlet.two")
            .configured(builder -> builder.ids(IdStrategy.nativeIds()))
            .startRouter()) {
      begin(IdStrategy.nativeIds());
      String one = crowded.runPod("one", "virtlet.one");
      String two = crowded.runPod("two", "virtlet.two");
      CallsById calls = new CallsById(crowded.client());

      assertThat(calls.sandboxStatus(one)).isEqualTo(one);
      assertThat(calls.sandboxStatus(two)).isEqualTo(two);
      assertThat(refusal(() -> calls.sandboxStatus(PREFIX + one)).getCode())
          .as("the owner is unknown")
          .isEqualTo(Status.Code.UNAVAILABLE);
    }
  }
}
