package io.crirouter.testkit.router;

import static io.crirouter.testkit.router.FailureAssertions.assertFails;
import static io.crirouter.testkit.router.Node.VIRTLET;
import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.core.RoutingPolicy;
import io.crirouter.core.RpcStatus;
import io.crirouter.proto.v1.CgroupDriver;
import io.crirouter.proto.v1.RuntimeCondition;
import io.crirouter.proto.v1.RuntimeConfigRequest;
import io.crirouter.proto.v1.RuntimeFeatures;
import io.crirouter.proto.v1.RuntimeHandler;
import io.crirouter.proto.v1.RuntimeHandlerFeatures;
import io.crirouter.proto.v1.StatusRequest;
import io.crirouter.proto.v1.StatusResponse;
import io.crirouter.proto.v1.VersionRequest;
import io.crirouter.testkit.FakeRuntime;
import io.grpc.Status.Code;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Status, Version and RuntimeConfig: those of the primary, plus conditions of secondaries. */
class StatusTest {
  private static final RuntimeHandlerFeatures USER_NAMESPACES =
      RuntimeHandlerFeatures.newBuilder().setUserNamespaces(true).build();
  private static final RuntimeHandlerFeatures READ_ONLY_MOUNTS =
      RuntimeHandlerFeatures.newBuilder().setRecursiveReadOnlyMounts(true).build();

  private static StatusResponse status(Node node) {
    return node.client.runtime().status(StatusRequest.getDefaultInstance());
  }

  private static RuntimeCondition condition(Node node, String type) {
    return status(node).getStatus().getConditionsList().stream()
        .filter(condition -> condition.getType().equals(type))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no condition " + type));
  }

  private static void setNotReady(FakeRuntime runtime, String type) {
    runtime.setCondition(
        RuntimeCondition.newBuilder().setType(type).setReason("Broken").setMessage("why").build());
  }

  @Test
  void conditionsOfSecondariesHaveTheirName() {
    Node node = Node.create();

    assertThat(status(node).getStatus().getConditionsList())
        .extracting(RuntimeCondition::getType)
        .containsExactly(
            "RuntimeReady",
            "NetworkReady",
            "virtlet.cloud/RuntimeReady",
            "virtlet.cloud/NetworkReady");
  }

  @Test
  void anUnhealthySecondaryDoesNotAffectTheNode() {
    Node node = Node.create();
    setNotReady(node.virtlet, "NetworkReady");
    status(node);

    RuntimeCondition sick = condition(node, "virtlet.cloud/NetworkReady");

    assertThat(sick.getStatus()).isFalse();
    assertThat(sick.getReason()).isEqualTo("Broken");
    assertThat(sick.getMessage()).isEqualTo("why");
    assertThat(condition(node, "NetworkReady").getStatus()).isTrue();
  }

  @Test
  void anUnhealthyPrimaryAffectsTheNodeAtOnce() {
    Node node = Node.create();
    setNotReady(node.containerd, "NetworkReady");

    assertThat(condition(node, "NetworkReady").getStatus()).isFalse();
    assertThat(condition(node, "virtlet.cloud/NetworkReady").getStatus()).isTrue();
  }

  @Test
  void aLostSecondaryIsReportedWithItsAddress() {
    Node node = Node.create();
    node.virtlet.down();
    node.clock.advance(Duration.ofSeconds(7));

    RuntimeCondition lost = condition(node, "virtlet.cloud/RuntimeReady");

    assertThat(lost.getStatus()).isFalse();
    assertThat(lost.getReason()).isEqualTo("Lost");
    assertThat(lost.getMessage())
        .contains("virtlet.cloud", node.virtlet.address(), "lost since 00:00:00Z");
    assertThat(condition(node, "RuntimeReady").getStatus()).isTrue();
  }

  @Test
  void aSecondaryThatWasNeverSeenIsReported() {
    Node node = Node.builder().virtletStartsLate().build();

    RuntimeCondition missing = condition(node, "virtlet.cloud/RuntimeReady");

    assertThat(missing.getStatus()).isFalse();
    assertThat(missing.getReason()).isEqualTo("NeverSeen");
    node.virtlet.up();
    assertThat(condition(node, "virtlet.cloud/RuntimeReady").getStatus()).isTrue();
  }

  @Test
  void aHungSecondaryDoesNotDelayStatus() {
    Node node = Node.create();
    node.virtlet.hang();

    assertThat(condition(node, "virtlet.cloud/RuntimeReady").getStatus())
        .as("the last known conditions")
        .isTrue();

    node.clock.advance(Duration.ofSeconds(16));
    assertThat(condition(node, "virtlet.cloud/RuntimeReady").getReason()).isEqualTo("Lost");
  }

  @Test
  void aFailureOfThePrimaryIsTheResponse() {
    Node node = Node.create();
    node.containerd.failNext("Status", RpcStatus.Code.UNKNOWN, "shim is stuck");

    assertFails(() -> status(node), Code.UNKNOWN, "shim is stuck");
  }

  @Test
  void featuresAreThoseOfThePrimary() {
    RuntimeFeatures strict = RuntimeFeatures.newBuilder().setSupplementalGroupsPolicy(true).build();

    assertThat(status(Node.builder().containerd(fake -> fake.features(strict)).build()))
        .extracting(StatusResponse::getFeatures)
        .isEqualTo(strict);
    assertThat(status(Node.builder().virtlet(fake -> fake.features(strict)).build()))
        .extracting(StatusResponse::getFeatures)
        .isEqualTo(RuntimeFeatures.getDefaultInstance());
  }

  @Test
  void handlersAreThoseOfTheirRoutedRuntime() {
    Node node =
        Node.builder()
            .policy(RoutingPolicy.runtimeHandler(Map.of("vm", VIRTLET, "old-vm", VIRTLET)))
            .containerd(fake -> fake.runtimeHandler("vm", USER_NAMESPACES).runtimeHandler("crun"))
            .virtlet(fake -> fake.runtimeHandler("vm", READ_ONLY_MOUNTS).runtimeHandler("extra"))
            .build();

    assertThat(status(node).getRuntimeHandlersList())
        .as("'' and crun belong to the primary, vm to the secondary, extra is not routed")
        .containsExactlyInAnyOrder(
            RuntimeHandler.getDefaultInstance(),
            handler("crun", RuntimeHandlerFeatures.getDefaultInstance()),
            handler("vm", READ_ONLY_MOUNTS),
            RuntimeHandler.newBuilder().setName("old-vm").build());
  }

  @Test
  void theDefaultHandlerIsThatOfThePrimary() {
    Node node =
        Node.builder()
            .policy(RoutingPolicy.always(VIRTLET))
            .containerd(fake -> fake.runtimeHandler("", USER_NAMESPACES))
            .build();

    assertThat(status(node).getRuntimeHandlersList()).containsExactly(handler("", USER_NAMESPACES));
  }

  private static RuntimeHandler handler(String name, RuntimeHandlerFeatures features) {
    return RuntimeHandler.newBuilder().setName(name).setFeatures(features).build();
  }

  @Test
  void verboseInfoOfSecondariesHasTheirName() {
    Node node = Node.create();

    Map<String, String> info =
        node.client
            .runtime()
            .status(StatusRequest.newBuilder().setVerbose(true).build())
            .getInfoMap();

    assertThat(info).containsOnlyKeys("config", "virtlet.cloud/config", "cri-router");
    assertThat(info.get("config")).contains("containerd");
    assertThat(info.get("virtlet.cloud/config")).contains("virtlet.cloud");
    assertThat(info.get("cri-router")).contains("containerd", "virtlet.cloud", "Ready");
  }

  @Test
  void infoIsOnlyInVerboseResponses() {
    assertThat(status(Node.create()).getInfoMap()).isEmpty();
  }

  @Test
  void versionIsThatOfThePrimary() {
    Node node = Node.create();

    assertThat(node.client.runtime().version(VersionRequest.getDefaultInstance()).getRuntimeName())
        .isEqualTo("containerd");
    assertThat(node.virtlet.journal().callsOf("Version")).isEmpty();
  }

  @Test
  void runtimeConfigIsThatOfThePrimary() {
    Node node =
        Node.builder()
            .containerd(fake -> fake.cgroupDriver(CgroupDriver.SYSTEMD))
            .virtlet(fake -> fake.cgroupDriver(CgroupDriver.CGROUPFS))
            .build();

    assertThat(
            node.client
                .runtime()
                .runtimeConfig(RuntimeConfigRequest.getDefaultInstance())
                .getLinux()
                .getCgroupDriver())
        .isEqualTo(CgroupDriver.SYSTEMD);
    assertThat(node.virtlet.journal().callsOf("RuntimeConfig")).isEmpty();
  }
}
