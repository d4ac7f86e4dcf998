package io.crirouter.testkit.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.proto.v1.NetworkConfig;
import io.crirouter.proto.v1.RuntimeConfig;
import io.crirouter.proto.v1.RuntimeConfigRequest;
import io.crirouter.proto.v1.StatusRequest;
import io.crirouter.proto.v1.StatusResponse;
import io.crirouter.proto.v1.UpdateRuntimeConfigRequest;
import io.crirouter.proto.v1.VersionRequest;
import io.crirouter.testkit.containerd.ContainerdLine;
import io.grpc.Status;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The rpcs about the node as a whole. */
@ParameterizedClass
@EnumSource(ContainerdLine.class)
class NodeE2eTest extends WithSharedPair {
  private static final String UNUSED_NETWORK = "No cni config template is specified";

  @Test
  void versionIsThatOfThePrimary() {
    assertThat(proxy().runtime().version(VersionRequest.getDefaultInstance()))
        .isEqualTo(direct(Side.PRIMARY).runtime().version(VersionRequest.getDefaultInstance()))
        .matches(version -> version.getVersion().equals("0.1.0"))
        .matches(version -> version.getRuntimeName().equals("containerd"));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void statusIsThatOfThePrimaryPlusConditionsOfTheSecondary(boolean verbose) {
    StatusRequest request = StatusRequest.newBuilder().setVerbose(verbose).build();
    StatusResponse proxied = proxy().runtime().status(request);

    assertThat(primaryPartOf(proxied)).isEqualTo(direct(Side.PRIMARY).runtime().status(request));
    assertThat(proxied.getStatus().getConditionsList())
        .filteredOn(condition -> condition.getType().equals("virtlet.cloud/RuntimeReady"))
        .singleElement()
        .matches(condition -> condition.getStatus());
    assertThat(proxied.getInfoMap().containsKey("cri-router")).isEqualTo(verbose);
    assertThat(proxied.getInfoMap().containsKey("virtlet.cloud/config")).isEqualTo(verbose);
  }

  private static StatusResponse primaryPartOf(StatusResponse status) {
    StatusResponse.Builder part = status.toBuilder();
    part.getStatusBuilder().clearConditions();
    status.getStatus().getConditionsList().stream()
        .filter(condition -> !condition.getType().startsWith("virtlet.cloud/"))
        .forEach(part.getStatusBuilder()::addConditions);
    status.getInfoMap().keySet().stream()
        .filter(key -> key.equals("cri-router") || key.startsWith("virtlet.cloud/"))
        .forEach(part::removeInfo);
    return part.build();
  }

  @Test
  void runtimeConfigIsThatOfThePrimary() {
    Outcome proxied =
        Outcome.of(
            () -> proxy().runtime().runtimeConfig(RuntimeConfigRequest.getDefaultInstance()));

    assertThat(proxied.code())
        .isEqualTo(line == ContainerdLine.NEWER ? Status.Code.OK : Status.Code.UNIMPLEMENTED);
    assertThat(proxied)
        .isEqualTo(
            Outcome.of(
                () ->
                    direct(Side.PRIMARY)
                        .runtime()
                        .runtimeConfig(RuntimeConfigRequest.getDefaultInstance())));
  }

  /** containerd ignores the network config here, but logs that it received it. */
  @Test
  void networkConfigReachesBothRuntimes() {
    NetworkConfig network = NetworkConfig.newBuilder().setPodCidr("198.18.0.0/16").build();
    assertThat(logs()).noneMatch(log -> log.contains(UNUSED_NETWORK));

    proxy()
        .runtime()
        .updateRuntimeConfig(
            UpdateRuntimeConfigRequest.newBuilder()
                .setRuntimeConfig(RuntimeConfig.newBuilder().setNetworkConfig(network))
                .build());

    assertThat(logs()).allMatch(log -> log.contains(UNUSED_NETWORK));
  }

  private List<String> logs() {
    return Stream.of(Side.values()).map(side -> pair().runtime(side).logTail()).toList();
  }
}
