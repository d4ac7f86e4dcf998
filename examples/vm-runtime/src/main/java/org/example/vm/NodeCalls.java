package org.example.vm;

import io.crirouter.proto.v1.RuntimeCondition;
import io.crirouter.proto.v1.RuntimeHandler;
import io.crirouter.proto.v1.RuntimeStatus;
import io.crirouter.proto.v1.StatusRequest;
import io.crirouter.proto.v1.StatusResponse;
import io.crirouter.proto.v1.UpdateRuntimeConfigRequest;
import io.crirouter.proto.v1.UpdateRuntimeConfigResponse;
import io.crirouter.proto.v1.VersionRequest;
import io.crirouter.proto.v1.VersionResponse;
import java.util.Optional;

/** The rpcs of the runtime itself. */
record NodeCalls(Hypervisor hypervisor, PodNetwork network) {
  /** The runtime handler, in addition to the empty one. */
  static final String HANDLER = "vm";

  // snippet: node
  VersionResponse version(VersionRequest request) {
    return VersionResponse.newBuilder()
        .setVersion("0.1.0") // of the kubelet's protocol, always this
        .setRuntimeName("vm")
        .setRuntimeVersion("1.0.0")
        .setRuntimeApiVersion("v1")
        .build();
  }

  StatusResponse status(StatusRequest request) {
    StatusResponse.Builder response =
        StatusResponse.newBuilder()
            .setStatus(
                RuntimeStatus.newBuilder()
                    .addConditions(condition("RuntimeReady", hypervisor.reasonNotReady()))
                    .addConditions(condition("NetworkReady", network.reasonNotReady())))
            .addRuntimeHandlers(RuntimeHandler.getDefaultInstance())
            .addRuntimeHandlers(RuntimeHandler.newBuilder().setName(HANDLER));
    if (request.getVerbose()) {
      response.putInfo("hypervisor", hypervisor.toString());
    }
    return response.build();
  }

  private static RuntimeCondition condition(String type, Optional<String> reasonNotReady) {
    return RuntimeCondition.newBuilder()
        .setType(type)
        .setStatus(reasonNotReady.isEmpty())
        .setReason(reasonNotReady.isEmpty() ? "" : type.replace("Ready", "NotReady"))
        .setMessage(reasonNotReady.orElse(""))
        .build();
  }

  // end

  /** Ignores the pod CIDR: addresses come from the CNI configuration. */
  UpdateRuntimeConfigResponse update(UpdateRuntimeConfigRequest request) {
    return UpdateRuntimeConfigResponse.getDefaultInstance();
  }
}
