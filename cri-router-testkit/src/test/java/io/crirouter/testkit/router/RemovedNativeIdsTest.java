package io.crirouter.testkit.router;

import static io.crirouter.testkit.router.CallsById.refusal;
import static io.crirouter.testkit.router.SimulatedNode.PRIMARY;
import static io.crirouter.testkit.router.SimulatedNode.VIRTLET;
import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.core.IdStrategy;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.proto.v1.ListContainersRequest;
import io.crirouter.proto.v1.RuntimeServiceGrpc;
import io.crirouter.testkit.ResponseStream;
import io.grpc.Status;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Calls about removed native ids go to their former owner for some minutes. */
class RemovedNativeIdsTest {
  private final SimulatedNode node =
      SimulatedNode.of(PRIMARY, VIRTLET).configured(builder -> builder.ids(IdStrategy.nativeIds()));

  private String sandbox = "";
  private String container = "";

  @BeforeEach
  void runAPodOnTheSecondary() {
    node.startRouter();
    sandbox = node.runPod("vm", VIRTLET);
    container = node.runContainer(sandbox, "main");
  }

  @AfterEach
  void stop() {
    node.close();
  }

  private CallsById byId() {
    return new CallsById(node.client());
  }

  @Test
  void removedIdsAreAnsweredByTheirOwner() {
    byId().removeContainer(container);

    assertThat(refusal(() -> byId().containerStatus(container)).getCode())
        .isEqualTo(Status.Code.NOT_FOUND);
    assertThat(node.virtlet().journal().callsOf("ContainerStatus")).hasSize(1);
  }

  @Test
  void removedIdsAreAnsweredByTheirOwnerAfterALaterList() {
    byId().removeSandbox(sandbox);
    node.sandboxes();
    node.containers();

    byId().stopSandbox(sandbox);
    byId().stopContainer(container);

    assertThat(node.virtlet().journal().callsOf("StopPodSandbox")).hasSize(1);
    assertThat(node.virtlet().journal().callsOf("StopContainer"))
        .as("the container was removed with its sandbox")
        .hasSize(1);
  }

  @Test
  void removedIdsOfALostOwnerAreUnavailable() {
    byId().removeContainer(container);
    node.virtlet().down();

    Status refusal = refusal(() -> byId().containerStatus(container));
    assertThat(refusal.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(refusal.getDescription()).contains("runtime virtlet.cloud");
  }

  @Test
  void removedIdsExpireAfterFiveMinutes() {
    byId().removeContainer(container);
    node.containers();

    node.advance(Duration.ofSeconds(299));
    refusal(() -> byId().containerStatus(container));
    assertThat(node.virtlet().journal().callsOf("ContainerStatus")).hasSize(1);
    node.advance(Duration.ofSeconds(2));
    refusal(() -> byId().containerStatus(container));

    assertThat(node.virtlet().journal().callsOf("ContainerStatus")).hasSize(1);
    assertThat(node.runtime(PRIMARY).journal().callsOf("ContainerStatus")).hasSize(1);
  }

  @Test
  void aLateListDoesNotRestoreRemovedIds() {
    node.virtlet().delay("ListContainers", Duration.ofMillis(300));
    ResponseStream<?> late =
        node.client().stream(
            RuntimeServiceGrpc.getListContainersMethod(),
            ListContainersRequest.getDefaultInstance());
    node.virtlet().heal();
    byId().removeContainer(container);
    node.advance(Duration.ofMillis(300));
    late.next();

    assertThat(refusal(() -> byId().containerStatus(container.substring(0, 8))).getCode())
        .isEqualTo(Status.Code.NOT_FOUND);
    assertThat(node.virtlet().journal().callsOf("ContainerStatus"))
        .as("nothing begins with it any more")
        .isEmpty();
  }

  @Test
  void aFailedRemovalKeepsTheId() {
    node.virtlet().failNext("RemoveContainer", Code.UNKNOWN, "device is busy");

    refusal(() -> byId().removeContainer(container));

    assertThat(byId().containerStatus(container.substring(0, 8))).isEqualTo(container);
  }
}
