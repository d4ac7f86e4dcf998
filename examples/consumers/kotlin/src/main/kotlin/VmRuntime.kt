package org.example.kotlin

import io.crirouter.core.BackendName
import io.crirouter.core.RoutingPolicy
import io.crirouter.core.Rpc
import io.crirouter.core.RuntimeBackend
import io.crirouter.core.TypedBackend
import io.crirouter.proto.v1.RunPodSandboxResponse
import io.crirouter.proto.v1.VersionResponse
import java.util.Optional

val vms: BackendName = BackendName.of("vm.example")

/** Routes pods of the namespace `vms` to the runtime for VMs. */
val policy = RoutingPolicy { pod -> if (pod.namespace() == "vms") Optional.of(vms) else Optional.empty() }

fun vmRuntime(): RuntimeBackend =
    TypedBackend.builder()
        .direct()
        .unary(Rpc.VERSION) {
            VersionResponse.newBuilder()
                .setVersion("0.1.0")
                .setRuntimeName("vm")
                .setRuntimeVersion("1.0")
                .setRuntimeApiVersion("v1")
                .build()
        }
        .unary(Rpc.RUN_POD_SANDBOX) { request ->
            RunPodSandboxResponse.newBuilder()
                .setPodSandboxId("vm-" + request.config.metadata.uid)
                .build()
        }
        .build()
