package io.crirouter.testkit.router;

import static io.crirouter.testkit.router.FailureAssertions.assertFails;
import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.core.RpcStatus;
import io.crirouter.proto.v1.UpdateRuntimeConfigRequest;
import io.crirouter.testkit.FakeRuntime;
import io.grpc.Status.Code;
import org.junit.jupiter.api.Test;

/** A kubelet sends the pod CIDR once, and every runtime must get it eventually. */
class RuntimeConfigUpdateTest {
  private static void update(Node node, String podCidr) {
    UpdateRuntimeConfigRequest.Builder request = UpdateRuntimeConfigRequest.newBuilder();
    request.getRuntimeConfigBuilder().getNetworkConfigBuilder().setPodCidr(podCidr);
    var unused = node.client.runtime().updateRuntimeConfig(request.build());
  }

  private static String podCidr(FakeRuntime runtime) {
    return runtime.runtimeConfig().map(config -> config.getNetworkConfig().getPodCidr()).orElse("");
  }

  @Test
  void theUpdateIsSentToAllRuntimes() {
    Node node = Node.create();

    update(node, "10.1.0.0/16");

    assertThat(podCidr(node.containerd)).isEqualTo("10.1.0.0/16");
    assertThat(podCidr(node.virtlet)).isEqualTo("10.1.0.0/16");
  }

  @Test
  void theUpdateIsSentToALateRuntime() {
    Node node = Node.builder().virtletStartsLate().build();
    update(node, "10.1.0.0/16");
    assertThat(podCidr(node.virtlet)).isEmpty();

    node.virtlet.up();

    assertThat(podCidr(node.virtlet)).isEqualTo("10.1.0.0/16");
  }

  @Test
  void theLatestUpdateIsSentToAReturnedRuntime() {
    Node node = Node.create();
    update(node, "10.1.0.0/16");
    node.virtlet.down();
    update(node, "10.2.0.0/16");
    assertThat(podCidr(node.virtlet)).isEqualTo("10.1.0.0/16");

    node.virtlet.up();

    assertThat(podCidr(node.virtlet)).isEqualTo("10.2.0.0/16");
  }

  @Test
  void theUpdateIsSentBeforeTheFirstPodAfterAnOutage() {
    Node node = Node.builder().virtletStartsLate().build();
    update(node, "10.1.0.0/16");
    node.virtlet.failNext("UpdateRuntimeConfig", RpcStatus.Code.UNKNOWN, "not now");

    node.virtlet.up();

    assertThat(node.runOnVirtlet("a"))
        .as("a failed update does not prevent pods")
        .startsWith("virt__");
    assertThat(node.virtlet.journal().calls())
        .extracting(call -> call.name())
        .containsSubsequence("UpdateRuntimeConfig", "RunPodSandbox");
  }

  @Test
  void aFailureOfASecondaryIsIgnored() {
    Node node = Node.builder().virtlet(fake -> fake.without("UpdateRuntimeConfig")).build();
    update(node, "10.1.0.0/16");
    assertThat(podCidr(node.containerd)).isEqualTo("10.1.0.0/16");

    node.virtlet.down();
    node.virtlet.up();

    assertThat(node.runOnVirtlet("a")).startsWith("virt__");
  }

  @Test
  void aFailureOfThePrimaryIsTheResponseAndNoUpdateIsSentLater() {
    Node node = Node.builder().virtletStartsLate().build();
    node.containerd.failNext("UpdateRuntimeConfig", RpcStatus.Code.UNKNOWN, "no CNI");

    assertFails(() -> update(node, "10.1.0.0/16"), Code.UNKNOWN, "no CNI");
    node.virtlet.up();

    assertThat(podCidr(node.virtlet)).isEmpty();
  }

  @Test
  void thePrimaryMayNotImplementTheRpc() {
    Node node = Node.builder().containerd(fake -> fake.without("UpdateRuntimeConfig")).build();

    assertFails(() -> update(node, "10.1.0.0/16"), Code.UNIMPLEMENTED);
  }
}
