package io.crirouter.testkit.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.core.BackendOptions;
import io.crirouter.core.RoutingPolicy;
import io.crirouter.grpc.ApiVersion;
import io.crirouter.proto.v1.ContainerConfig;
import io.crirouter.proto.v1.ContainerState;
import io.crirouter.proto.v1.Mount;
import io.crirouter.proto.v1.PodSandboxConfig;
import io.crirouter.testkit.containerd.ContainerdLine;
import io.grpc.Status;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * An old runtime: the router calls containerd 1.6 as the secondary in v1alpha2. It has no events.
 */
@ParameterizedClass
@EnumSource(value = ContainerdLine.class, names = "INSTALLED")
class OlderRuntimeE2eTest extends WithSharedPair {
  private RouterInFront router;

  @BeforeParameterizedClassInvocation
  void startRouter() {
    router =
        RouterInFront.of(
            pair().runtimes(),
            new RouterInFront.Setup(
                RoutingPolicy.annotation(),
                BackendOptions.DEFAULT,
                Optional.of(ApiVersion.V1ALPHA2)));
  }

  @AfterParameterizedClassInvocation
  void stopRouter() {
    if (router != null) {
      router.close();
    }
  }

  @Test
  void theRuntimeIsCalledInV1alpha2() {
    KubeletPod pod = run("spoken");

    Outcome refused =
        new CriCall("UpdatePodSandboxResources", "pod_sandbox_id: 'NOTHING'")
            .execute(router.client(), CriCall.Names.forClients(pod(Side.SECONDARY)));

    assertThat(refused.code()).isEqualTo(Status.Code.UNIMPLEMENTED);
    assertThat(refused.message()).endsWith("for service runtime.v1alpha2.RuntimeService");
    pod.delete();
  }

  @Test
  void aPodIsCreatedAndRemoved() {
    KubeletPod pod = run("older");
    String container = pod.start(PodSpecs.printing("main", "hello"));

    assertThat(pod.status(container).getStatus().getState())
        .isEqualTo(ContainerState.CONTAINER_RUNNING);
    assertThat(pod.status().getStatus().getId()).isEqualTo(pod.id());
    assertThat(pod.exec(container, "sh", "-c", "echo $SAID_BY").getStdout().toString(UTF_8))
        .isEqualTo("kubelet\n");
    pod.delete();
  }

  @Test
  void unsupportedFieldsAreRefused() {
    KubeletPod pod = run("demanding");
    ContainerConfig.Builder container =
        PodSpecs.printing("main", "hello")
            .addMounts(
                Mount.newBuilder()
                    .setHostPath("/tmp")
                    .setContainerPath("/mnt")
                    .setReadonly(true)
                    .setRecursiveReadOnly(true));

    Outcome refused =
        Outcome.of(() -> pod.create(container, "virtlet.cloud/registry.test/busybox:1"));

    assertThat(refused.code()).isEqualTo(Status.Code.FAILED_PRECONDITION);
    assertThat(refused.message()).contains("recursive_read_only");
    pod.delete();
  }

  @Test
  void eventsAreUnimplemented() {
    Status end = router.client().events().awaitEnd();

    assertThat(end.getCode()).isEqualTo(Status.Code.UNIMPLEMENTED);
    assertThat(end.getDescription())
        .isEqualTo(direct(Side.PRIMARY).events().awaitEnd().getDescription());
  }

  static List<CriCall> calls() {
    return SharedRpcs.runtimeCalls();
  }

  @ParameterizedTest
  @MethodSource("calls")
  void responsesDifferFromTheRuntimeOnlyInNames(CriCall call) {
    KubeletPod pod = pod(Side.SECONDARY);

    Outcome proxied = call.execute(router.client(), CriCall.Names.forClients(pod));

    assertThat(proxied.withoutVolatileFields().withRuntimeNames(Side.SECONDARY))
        .isEqualTo(
            call.execute(direct(Side.SECONDARY).speaking("v1alpha2"), CriCall.Names.forRuntime(pod))
                .withoutVolatileFields());
  }

  private KubeletPod run(String name) {
    PodSandboxConfig config = PodSpecs.pod(pair(), Side.SECONDARY, name);
    return KubeletPod.run(router.client(), Side.SECONDARY, config, "");
  }
}
