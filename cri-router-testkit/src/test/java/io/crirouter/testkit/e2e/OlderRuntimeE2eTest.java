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
 * An old runtime: containerd 1.6 serves v1alpha2, which the router speaks to the secondary here,
 * and has no events.
 */
@ParameterizedClass
@EnumSource(value = ContainerdLine.class, names = "INSTALLED")
class OlderRuntimeE2eTest extends OnRoutedPair {
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
  void runtimeIsSpokenToInItsOwnVersion() {
    KubeletPod pod = run("spoken");

    Outcome refused =
        new Question("UpdatePodSandboxResources", "pod_sandbox_id: 'NOTHING'")
            .ask(router.client(), Question.Names.inFront(pod(Side.SECONDARY)));

    assertThat(refused.code()).isEqualTo(Status.Code.UNIMPLEMENTED);
    assertThat(refused.message()).endsWith("for service runtime.v1alpha2.RuntimeService");
    pod.delete();
  }

  @Test
  void podLivesThereFromCreationToRemoval() {
    KubeletPod pod = run("older");
    String container = pod.start(PodSpecs.talker("main", "hello"));

    assertThat(pod.status(container).getStatus().getState())
        .isEqualTo(ContainerState.CONTAINER_RUNNING);
    assertThat(pod.status().getStatus().getId()).isEqualTo(pod.id());
    assertThat(pod.exec(container, "sh", "-c", "echo $SAID_BY").getStdout().toString(UTF_8))
        .isEqualTo("kubelet\n");
    pod.delete();
  }

  @Test
  void whatTheRuntimeCannotUnderstandIsRefusedAndNeverLeftOut() {
    KubeletPod pod = run("demanding");
    ContainerConfig.Builder container =
        PodSpecs.talker("main", "hello")
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
  void kubeletIsToldThatThereAreNoEvents() {
    Status end = router.client().events().awaitEnd();

    assertThat(end.getCode()).isEqualTo(Status.Code.UNIMPLEMENTED);
    assertThat(end.getDescription())
        .isEqualTo(direct(Side.PRIMARY).events().awaitEnd().getDescription());
  }

  static List<Question> questions() {
    return SharedRpcs.aboutARuntime();
  }

  @ParameterizedTest
  @MethodSource("questions")
  void answerIsTheOldRuntimesButForItsNames(Question question) {
    KubeletPod pod = pod(Side.SECONDARY);

    Outcome proxied = question.ask(router.client(), Question.Names.inFront(pod));

    assertThat(proxied.withoutFigures().asSaidAt(Side.SECONDARY))
        .isEqualTo(
            question
                .ask(direct(Side.SECONDARY).speaking("v1alpha2"), Question.Names.behind(pod))
                .withoutFigures());
  }

  private KubeletPod run(String name) {
    PodSandboxConfig config = PodSpecs.pod(pair(), Side.SECONDARY, name);
    return KubeletPod.run(router.client(), Side.SECONDARY, config, "");
  }
}
