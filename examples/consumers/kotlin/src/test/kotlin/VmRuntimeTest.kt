package org.example.kotlin

import io.crirouter.proto.v1.PodSandboxConfig
import io.crirouter.proto.v1.PodSandboxMetadata
import io.crirouter.proto.v1.RunPodSandboxRequest
import io.crirouter.testkit.RouterExtension
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.extension.RegisterExtension

class VmRuntimeTest {
    @JvmField
    @RegisterExtension
    val router: RouterExtension =
        RouterExtension.builder()
            .primary("containerd")
            .policy(policy)
            .configure { it.secondary(vms, vmRuntime()) }
            .build()

    @Test
    fun `pods of the namespace run on the runtime`() {
        val pod =
            PodSandboxConfig.newBuilder()
                .setMetadata(PodSandboxMetadata.newBuilder().setName("pod").setUid("uid").setNamespace("vms"))
        val request = RunPodSandboxRequest.newBuilder().setConfig(pod).build()
        assertEquals("vmex__vm-uid", router.client().runtime().runPodSandbox(request).podSandboxId)
    }
}
