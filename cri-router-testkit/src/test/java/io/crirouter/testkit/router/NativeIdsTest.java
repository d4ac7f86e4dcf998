package io.crirouter.testkit.router;

import static io.crirouter.testkit.router.CallsById.refusal;
import static io.crirouter.testkit.router.SimulatedNode.PRIMARY;
import static io.crirouter.testkit.router.SimulatedNode.VIRTLET;
import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.core.IdStrategy;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.proto.v1.CheckpointPodRequest;
import io.crirouter.proto.v1.Container;
import io.crirouter.proto.v1.ContainerConfig;
import io.crirouter.proto.v1.ContainerEventResponse;
import io.crirouter.proto.v1.ContainerFilter;
import io.crirouter.proto.v1.ContainerMetadata;
import io.crirouter.proto.v1.CreateContainerRequest;
import io.crirouter.proto.v1.ImageSpec;
import io.crirouter.proto.v1.LinuxContainerConfig;
import io.crirouter.proto.v1.LinuxContainerSecurityContext;
import io.crirouter.proto.v1.NamespaceMode;
import io.crirouter.proto.v1.NamespaceOption;
import io.crirouter.proto.v1.PodSandbox;
import io.crirouter.proto.v1.RunPodSandboxRequest;
import io.crirouter.proto.v1.StreamPodSandboxesRequest;
import io.crirouter.testkit.CriClient;
import io.crirouter.testkit.FakeRuntime;
import io.crirouter.testkit.ResponseStream;
import io.grpc.Status;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * With native ids, clients use the ids of the runtimes, and the router finds the owner of an id.
 */
class NativeIdsTest {
  private final SimulatedNode node =
      SimulatedNode.of(PRIMARY, VIRTLET).configured(builder -> builder.ids(IdStrategy.nativeIds()));

  @AfterEach
  void stop() {
    node.close();
  }

  private CallsById byId() {
    return new CallsById(node.client());
  }

  private static String directPod(FakeRuntime runtime, String name) {
    try (CriClient direct = CriClient.of(runtime)) {
      return direct
          .runtime()
          .runPodSandbox(
              RunPodSandboxRequest.newBuilder().setConfig(SimulatedNode.pod(name, VIRTLET)).build())
          .getPodSandboxId();
    }
  }

  @Test
  void idsAreThoseOfTheRuntimes() {
    node.startRouter();
    String plain = node.runPod("web", PRIMARY);
    String marked = node.runPod("vm", VIRTLET);
    String container = node.runContainer(marked, "main");

    assertThat(node.runtime(PRIMARY).pods()).extracting(PodSandbox::getId).containsExactly(plain);
    assertThat(node.virtlet().pods()).extracting(PodSandbox::getId).containsExactly(marked);
    assertThat(node.virtlet().containers()).extracting(Container::getId).containsExactly(container);
    assertThat(node.sandboxes()).extracting(PodSandbox::getId).containsExactly(plain, marked);
    assertThat(node.containers().get(0).getPodSandboxId()).isEqualTo(marked);
    assertThat(byId().containerStatus(container)).isEqualTo(container);
  }

  @Test
  void callsReachOnlyTheOwner() {
    node.startRouter();
    String sandbox = node.runPod("vm", VIRTLET);
    String container = node.runContainer(sandbox, "main");

    byId().stopContainer(container);
    byId().stopSandbox(sandbox);

    assertThat(node.virtlet().journal().callsOf("StopContainer")).hasSize(1);
    assertThat(node.virtlet().journal().callsOf("StopPodSandbox")).hasSize(1);
    assertThat(node.runtime(PRIMARY).journal().callsOf("StopContainer")).isEmpty();
    assertThat(node.runtime(PRIMARY).journal().callsOf("StopPodSandbox")).isEmpty();
  }

  @Test
  void existingObjectsAreOwnedByTheirRuntime() {
    String old = directPod(node.virtlet(), "old");
    node.startRouter();

    assertThat(byId().sandboxStatus(old)).isEqualTo(old);
  }

  @Test
  void ownersAreLearnedFromFilteredLists() {
    node.startRouter();
    String foreign = directPod(node.virtlet(), "by-another-tool");

    assertThat(byId().sandboxesLike(foreign)).containsExactly(foreign);
    assertThat(byId().sandboxStatus(foreign)).isEqualTo(foreign);
  }

  @Test
  void ownersAreLearnedFromEvents() {
    node.startRouter();
    try (ResponseStream<ContainerEventResponse> events = node.client().events()) {
      String foreign = directPod(node.virtlet(), "by-another-tool");
      assertThat(events.next().getContainerId()).isEqualTo(foreign);

      assertThat(byId().sandboxStatus(foreign)).isEqualTo(foreign);
    }
  }

  @Test
  void ownersAreLearnedFromStreamedLists() {
    node.startRouter();
    String foreign = directPod(node.virtlet(), "by-another-tool");
    node.client()
        .runtime()
        .streamPodSandboxes(StreamPodSandboxesRequest.getDefaultInstance())
        .forEachRemaining(chunk -> assertThat(chunk.getPodSandboxesCount()).isEqualTo(1));

    assertThat(byId().sandboxStatus(foreign)).isEqualTo(foreign);
  }

  @Test
  void unknownIdsAreSentToThePrimary() {
    node.startRouter();

    byId().stopSandbox("0123");

    assertThat(node.runtime(PRIMARY).journal().callsOf("StopPodSandbox")).hasSize(1);
    assertThat(refusal(() -> byId().containerStatus("0123")).getCode())
        .isEqualTo(Status.Code.NOT_FOUND);
  }

  @Test
  void unknownIdsAreUnavailableWhileARuntimeThatMayHaveThemIsLost() {
    node.startRouter();
    node.virtlet().down();

    Status refusal = refusal(() -> byId().stopSandbox("0123"));

    assertThat(refusal.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(refusal.getDescription())
        .contains("pod sandbox '0123'", "runtime virtlet.cloud", "is away")
        .doesNotContain(PRIMARY);
    assertThat(node.runtime(PRIMARY).journal().callsOf("StopPodSandbox"))
        .as("the primary would report it as stopped")
        .isEmpty();
  }

  @Test
  void unknownIdsAreSentToThePrimaryAgainAfterARecovery() {
    node.startRouter();
    node.virtlet().down();
    node.virtlet().up();
    node.advance(Duration.ofSeconds(1));

    assertThat(refusal(() -> byId().containerStatus("0123")).getCode())
        .isEqualTo(Status.Code.NOT_FOUND);
  }

  @Test
  void aReturnedRuntimeThatCannotListIsStillLost() {
    node.startRouter();
    node.virtlet().down();
    node.virtlet().failAlways("ListContainers", RpcStatus.of(Code.UNKNOWN, "busy"));
    node.virtlet().up();
    node.advance(Duration.ofSeconds(1));

    for (Status refusal :
        List.of(
            refusal(() -> byId().containerStatus("0123")),
            refusal(() -> byId().sandboxStatus("0123")))) {
      assertThat(refusal.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
      assertThat(refusal.getDescription()).contains("virtlet.cloud");
    }

    node.virtlet().heal();
    node.advance(Duration.ofSeconds(7));
    assertThat(refusal(() -> byId().containerStatus("0123")).getCode())
        .isEqualTo(Status.Code.NOT_FOUND);
  }

  @Test
  void objectsWithALostCreationResponseAreOwnedByTheirRuntime() {
    node.startRouter();
    node.virtlet().loseNextAnswer("RunPodSandbox");
    refusal(() -> node.runPod("vm", VIRTLET));
    node.advance(Duration.ofSeconds(1));

    String startedCall = node.virtlet().pods().get(0).getId();
    assertThat(byId().sandboxStatus(startedCall)).isEqualTo(startedCall);
  }

  @Test
  void aRuntimeThatWasNeverSeenOwnsNothing() {
    node.virtlet().down();
    node.startRouter();

    assertThat(refusal(() -> byId().containerStatus("0123")).getCode())
        .isEqualTo(Status.Code.NOT_FOUND);
  }

  @Test
  void idsOfALostRuntimeAreUnavailable() {
    node.startRouter();
    String sandbox = node.runPod("vm", VIRTLET);
    node.virtlet().down();

    Status refusal = refusal(() -> byId().stopSandbox(sandbox));

    assertThat(refusal.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(refusal.getDescription()).contains("runtime virtlet.cloud").contains("lost");
  }

  @Test
  void objectsOfThePrimaryAreReachedWhileOthersAreLost() {
    node.startRouter();
    String plain = node.runPod("web", PRIMARY);
    node.virtlet().down();

    byId().stopSandbox(plain);

    assertThat(byId().sandboxStatus(plain)).isEqualTo(plain);
  }

  @Test
  void filtersByIdAreRoutedToTheOwnerOnly() {
    node.startRouter();
    String sandbox = node.runPod("vm", VIRTLET);
    String container = node.runContainer(sandbox, "main");
    node.runtime(PRIMARY).journal().clear();

    assertThat(byId().sandboxesLike(sandbox)).containsExactly(sandbox);
    assertThat(byId().containersLike(ContainerFilter.newBuilder().setId(container)))
        .containsExactly(container);
    assertThat(byId().containersLike(ContainerFilter.newBuilder().setPodSandboxId(sandbox)))
        .containsExactly(container);
    assertThat(node.runtime(PRIMARY).journal().calls()).isEmpty();
  }

  @Test
  void filtersByUnknownIdAreSentToAllRuntimes() {
    node.startRouter();
    String foreign = directPod(node.runtime(PRIMARY), "by-another-tool");
    node.virtlet().journal().clear();

    assertThat(byId().sandboxesLike(foreign)).containsExactly(foreign);
    assertThat(node.virtlet().journal().callsOf("ListPodSandbox")).hasSize(1);
  }

  @Test
  void contradictoryFiltersMatchNothing() {
    node.startRouter();
    String plain = node.runPod("web", PRIMARY);
    String marked = node.runPod("vm", VIRTLET);
    String container = node.runContainer(marked, "main");

    assertThat(
            byId()
                .containersLike(
                    ContainerFilter.newBuilder().setId(container).setPodSandboxId(plain)))
        .isEmpty();
  }

  @Test
  void aContainerCannotTargetAnotherRuntime() {
    node.startRouter();
    String plain = node.runPod("web", PRIMARY);
    String marked = node.runPod("vm", VIRTLET);
    String target = node.runContainer(plain, "main");

    Status refusal = refusal(() -> createBeside(marked, target));
    assertThat(refusal.getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(refusal.getDescription()).contains(target, "virtlet.cloud");
    assertThat(createBeside(plain, target)).isNotEmpty();
  }

  private String createBeside(String sandbox, String target) {
    NamespaceOption namespaces =
        NamespaceOption.newBuilder().setPid(NamespaceMode.TARGET).setTargetId(target).build();
    return node.client()
        .runtime()
        .createContainer(
            CreateContainerRequest.newBuilder()
                .setPodSandboxId(sandbox)
                .setConfig(
                    ContainerConfig.newBuilder()
                        .setMetadata(ContainerMetadata.newBuilder().setName("debugger"))
                        .setImage(ImageSpec.newBuilder().setImage("busybox"))
                        .setLinux(
                            LinuxContainerConfig.newBuilder()
                                .setSecurityContext(
                                    LinuxContainerSecurityContext.newBuilder()
                                        .setNamespaceOptions(namespaces))))
                .build())
        .getContainerId();
  }

  @Test
  void aCheckpointOfContainersOfTwoRuntimesIsRefused() {
    node.startRouter();
    String plain = node.runContainer(node.runPod("web", PRIMARY), "main");
    String marked = node.runPod("vm", VIRTLET);
    String ownContainer = node.runContainer(marked, "main");

    Status refusal = refusal(() -> checkpoint(marked, ownContainer, plain));
    assertThat(refusal.getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(refusal.getDescription()).contains(plain);

    checkpoint(marked, ownContainer);
    assertThat(node.virtlet().checkpoints()).isNotEmpty();
  }

  private void checkpoint(String sandbox, String... containers) {
    node.client()
        .runtime()
        .checkpointPod(
            CheckpointPodRequest.newBuilder()
                .setPodSandboxId(sandbox)
                .addAllContainerIds(List.of(containers))
                .setOutputPath("/tmp/checkpoint.tar")
                .build());
  }

  @Test
  void emptyIdsAreSentToThePrimary() {
    node.startRouter();
    node.virtlet().down();

    assertThat(refusal(() -> byId().containerStatus("")).getDescription())
        .contains("may not be empty");
  }
}
