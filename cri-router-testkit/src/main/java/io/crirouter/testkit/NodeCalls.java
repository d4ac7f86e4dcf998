package io.crirouter.testkit;

import io.crirouter.core.Rpc;
import io.crirouter.proto.v1.CgroupDriver;
import io.crirouter.proto.v1.LinuxRuntimeConfiguration;
import io.crirouter.proto.v1.RuntimeCondition;
import io.crirouter.proto.v1.RuntimeConfig;
import io.crirouter.proto.v1.RuntimeConfigResponse;
import io.crirouter.proto.v1.RuntimeFeatures;
import io.crirouter.proto.v1.RuntimeHandler;
import io.crirouter.proto.v1.RuntimeStatus;
import io.crirouter.proto.v1.StatusRequest;
import io.crirouter.proto.v1.StatusResponse;
import io.crirouter.proto.v1.UpdateRuntimeConfigRequest;
import io.crirouter.proto.v1.UpdateRuntimeConfigResponse;
import io.crirouter.proto.v1.VersionResponse;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The rpcs about the runtime itself. State is guarded by the lock of {@link FakeState}. */
final class NodeCalls {
  /** The only value that kubelets accept. */
  private static final String KUBELET_VERSION = "0.1.0";

  private final VersionResponse version;
  private final List<RuntimeHandler> handlers;
  private final RuntimeFeatures features;
  private final boolean reportsFeatures;
  private final CgroupDriver cgroupDriver;
  private final List<String> infoKeys;
  private final Map<String, RuntimeCondition> conditions = new LinkedHashMap<>();
  private Optional<RuntimeConfig> config = Optional.empty();

  NodeCalls(FakeRuntimeBuilder from) {
    version =
        VersionResponse.newBuilder()
            .setVersion(KUBELET_VERSION)
            .setRuntimeName(from.reportedName)
            .setRuntimeVersion(from.version)
            .setRuntimeApiVersion("v1")
            .build();
    handlers = List.copyOf(from.handlers);
    features = from.features;
    reportsFeatures =
        from.recording == RuntimeRecording.NONE
            || from.recording.status().hasFeatures()
            || !features.equals(RuntimeFeatures.getDefaultInstance());
    cgroupDriver = from.cgroupDriver;
    infoKeys = from.recording.statusInfo();
    put(RuntimeCondition.newBuilder().setType("RuntimeReady").setStatus(true).build());
    put(RuntimeCondition.newBuilder().setType("NetworkReady").setStatus(true).build());
    from.recording.status().getStatus().getConditionsList().forEach(this::put);
  }

  void register(Rpcs rpcs) {
    rpcs.unary(Rpc.VERSION, request -> version);
    rpcs.unary(Rpc.STATUS, this::status);
    rpcs.unary(
        Rpc.RUNTIME_CONFIG,
        request ->
            RuntimeConfigResponse.newBuilder()
                .setLinux(LinuxRuntimeConfiguration.newBuilder().setCgroupDriver(cgroupDriver))
                .build());
    rpcs.unary(Rpc.UPDATE_RUNTIME_CONFIG, this::update);
  }

  void put(RuntimeCondition condition) {
    conditions.put(condition.getType(), condition);
  }

  Optional<RuntimeConfig> config() {
    return config;
  }

  private StatusResponse status(StatusRequest request) {
    StatusResponse.Builder response =
        StatusResponse.newBuilder()
            .setStatus(RuntimeStatus.newBuilder().addAllConditions(conditions.values()))
            .addAllRuntimeHandlers(handlers);
    if (reportsFeatures) {
      response.setFeatures(features);
    }
    if (request.getVerbose()) {
      infoKeys.forEach(key -> response.putInfo(key, Json.object()));
      response.putInfo(
          "config",
          Json.object(
              "runtime", version.getRuntimeName(),
              "podCIDR", config.map(c -> c.getNetworkConfig().getPodCidr()).orElse("")));
    }
    return response.build();
  }

  private UpdateRuntimeConfigResponse update(UpdateRuntimeConfigRequest request) {
    config = Optional.of(request.getRuntimeConfig());
    return UpdateRuntimeConfigResponse.getDefaultInstance();
  }
}
