package io.crirouter.testkit.router;

import static io.crirouter.testkit.router.Node.VIRTLET;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.crirouter.core.BackendState.Phase;
import io.crirouter.core.RpcStatus;
import io.crirouter.proto.v1.RunPodSandboxRequest;
import io.crirouter.proto.v1.RuntimeConfig;
import io.crirouter.proto.v1.UpdateRuntimeConfigRequest;
import io.crirouter.testkit.RecordedCall;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** UpdateRuntimeConfig during the connection of a secondary is sent before its first pod. */
class RuntimeConfigWhileConnectingTest {
  private static final Duration STEP_TIME = Duration.ofSeconds(1);

  private final Node node = Node.builder().virtletStartsLate().build();

  private RawCall update(String podCidr) {
    UpdateRuntimeConfigRequest.Builder request = UpdateRuntimeConfigRequest.newBuilder();
    request.getRuntimeConfigBuilder().getNetworkConfigBuilder().setPodCidr(podCidr);
    return RawCall.start(node.router, "UpdateRuntimeConfig", request.build().toByteString());
  }

  private RawCall runPod() {
    ByteString request =
        RunPodSandboxRequest.newBuilder()
            .setConfig(Pods.on(VIRTLET, "first"))
            .build()
            .toByteString();
    return RawCall.start(node.router, "RunPodSandbox", request);
  }

  /** The pod CIDRs that the secondary received, and {@code pod} for each pod. */
  private List<String> receivedByVirtlet() {
    return node.virtlet.journal().calls().stream()
        .filter(call -> call.name().matches("UpdateRuntimeConfig|RunPodSandbox"))
        .filter(call -> call.status().filter(status -> status.isOk()).isPresent())
        .map(RuntimeConfigWhileConnectingTest::word)
        .toList();
  }

  private static String word(RecordedCall call) {
    if (call.name().equals("RunPodSandbox")) {
      return "pod";
    }
    RuntimeConfig config = call.request(UpdateRuntimeConfigRequest.class).getRuntimeConfig();
    return config.getNetworkConfig().getPodCidr();
  }

  @ParameterizedTest
  @ValueSource(strings = {"Version", "ListPodSandbox", "ListContainers", "ListMetricDescriptors"})
  void theUpdateIsSentBeforeTheFirstPod(String slowStep) {
    node.virtlet.delay(slowStep, STEP_TIME);
    node.virtlet.up();
    node.clock.advance(STEP_TIME.dividedBy(2));
    RawCall pod = runPod();

    update("10.1.0.0/16").answer();
    node.clock.advance(STEP_TIME.multipliedBy(4));

    pod.answer();
    assertThat(receivedByVirtlet()).endsWith("10.1.0.0/16", "pod");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Version",
        "ListPodSandbox",
        "ListContainers",
        "ListMetricDescriptors",
        "UpdateRuntimeConfig"
      })
  void theLastOfTwoUpdatesIsSentBeforeTheFirstPod(String slowStep) {
    update("10.1.0.0/16").answer();
    node.virtlet.journal().clear();
    node.virtlet.delay(slowStep, STEP_TIME);
    node.virtlet.up();
    node.clock.advance(STEP_TIME.dividedBy(2));
    RawCall pod = runPod();

    update("10.2.0.0/16");
    node.clock.advance(STEP_TIME.multipliedBy(4));

    pod.answer();
    assertThat(receivedByVirtlet()).endsWith("10.2.0.0/16", "pod");
    assertThat(node.virtlet.runtimeConfig().orElseThrow().getNetworkConfig().getPodCidr())
        .isEqualTo("10.2.0.0/16");
  }

  @Test
  void aRefusedUpdateIsSentAgainAtTheNextConnection() {
    node.virtlet.up();
    node.virtlet.failNext("UpdateRuntimeConfig", RpcStatus.Code.INTERNAL, "no CNI yet");
    update("10.1.0.0/16").answer();
    assertThat(node.virtlet.runtimeConfig()).isEmpty();

    node.virtlet.down();
    node.virtlet.up();
    node.clock.advance(STEP_TIME);

    assertThat(node.router.backends().get(1).phase()).isEqualTo(Phase.READY);
    assertThat(node.virtlet.runtimeConfig()).isPresent();
  }

  @Test
  void updatesDoNotWaitForAConnectingSecondary() {
    node.virtlet.hang("Version");
    node.virtlet.up();

    RawCall update = update("10.1.0.0/16");

    assertThat(update.isClosed()).isTrue();
    update.answer();
  }
}
