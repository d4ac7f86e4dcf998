package io.crirouter.testkit.router;

import static io.crirouter.testkit.router.FailureAssertions.assertFails;
import static io.crirouter.testkit.router.Node.CONTAINERD;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.crirouter.core.BackendName;
import io.crirouter.core.BackendOptions;
import io.crirouter.core.CriRouter;
import io.crirouter.proto.v1.ContainerStatusRequest;
import io.crirouter.proto.v1.ListContainersRequest;
import io.crirouter.proto.v1.ListPodSandboxRequest;
import io.crirouter.proto.v1.RunPodSandboxRequest;
import io.crirouter.proto.v1.StopPodSandboxRequest;
import io.crirouter.testkit.CriClient;
import io.crirouter.testkit.FakeRuntime;
import io.crirouter.testkit.ManualScheduler;
import io.grpc.Status.Code;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The owner of an id, and the prefixes of ids for clients. */
class PrefixedIdsTest {
  private final Node node = Node.create();

  private static CriRouter.Builder router() {
    return CriRouter.builder()
        .scheduler(new ManualScheduler())
        .primary(CONTAINERD, FakeRuntime.create("containerd"));
  }

  private static String idOfAPodOn(String runtime, BackendOptions options) {
    CriRouter router =
        router().secondary(BackendName.of(runtime), FakeRuntime.create(runtime), options).build();
    return CriClient.of(router)
        .runtime()
        .runPodSandbox(RunPodSandboxRequest.newBuilder().setConfig(Pods.on(runtime, "a")).build())
        .getPodSandboxId();
  }

  @Test
  void idsOfThePrimaryAreTheSameOnBothSides() {
    String pod = node.runOnContainerd("a");
    String container = node.start(pod, "main");

    assertThat(node.containerd.pods().get(0).getId()).isEqualTo(pod);
    assertThat(node.containerd.containers().get(0).getId()).isEqualTo(container);
  }

  @Test
  void idsOfASecondaryHaveAPrefixForClientsOnly() {
    String pod = node.runOnVirtlet("a");
    String container = node.start(pod, "main");

    assertThat(pod).isEqualTo("virt__" + node.virtlet.pods().get(0).getId());
    assertThat(container).isEqualTo("virt__" + node.virtlet.containers().get(0).getId());
    assertThat(node.containerStatus(container).getId()).isEqualTo(container);
  }

  @ParameterizedTest
  @CsvSource({"virtlet.cloud, virt", "my-vm.io, myvm", "x, x", "a.b, ab"})
  void thePrefixIsTheFirstFourLettersAndDigitsOfTheName(String runtime, String prefix) {
    assertThat(idOfAPodOn(runtime, BackendOptions.DEFAULT)).startsWith(prefix + "__");
  }

  @Test
  void thePrefixCanBeConfigured() {
    assertThat(idOfAPodOn("virtlet.cloud", BackendOptions.DEFAULT.withIdPrefix("vm")))
        .startsWith("vm__");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "vm-1", "VM", "virtl", "a/b", "v_"})
  void anUnsafePrefixIsRefused(String prefix) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> BackendOptions.DEFAULT.withIdPrefix(prefix))
        .withMessageContaining("'" + prefix + "'");
  }

  @Test
  void runtimesWithTheSamePrefixAreRefused() {
    CriRouter.Builder clashing =
        router()
            .secondary(BackendName.of("virtlet.cloud"), FakeRuntime.create("a"))
            .secondary(BackendName.of("virtual.box"), FakeRuntime.create("b"));

    assertThatIllegalArgumentException()
        .isThrownBy(clashing::build)
        .withMessageContainingAll("virtlet.cloud", "virtual.box", "virt__");
  }

  @Test
  void aPrefixMayBeginWithAnotherPrefix() {
    CriRouter router =
        router()
            .secondary(
                BackendName.of("a.io"),
                FakeRuntime.create("a.io"),
                BackendOptions.DEFAULT.withIdPrefix("v"))
            .secondary(
                BackendName.of("b.io"),
                FakeRuntime.create("b.io"),
                BackendOptions.DEFAULT.withIdPrefix("vm"))
            .build();
    CriClient client = CriClient.of(router);
    for (String runtime : List.of("a.io", "b.io")) {
      String pod =
          client
              .runtime()
              .runPodSandbox(
                  RunPodSandboxRequest.newBuilder().setConfig(Pods.on(runtime, runtime)).build())
              .getPodSandboxId();

      assertThat(
              client.runtime().listPodSandbox(filteredBy(pod)).getItems(0).getMetadata().getName())
          .isEqualTo(runtime);
    }
  }

  private static ListPodSandboxRequest filteredBy(String id) {
    ListPodSandboxRequest.Builder request = ListPodSandboxRequest.newBuilder();
    request.getFilterBuilder().setId(id);
    return request.build();
  }

  @Test
  void shortenedIdsAreResolvedByTheRuntime() {
    String plain = node.runOnContainerd("a");
    String special = node.runOnVirtlet("b");

    assertThat(node.podStatus(plain.substring(0, 13)).getId()).isEqualTo(plain);
    assertThat(node.podStatus(special.substring(0, 13)).getId()).isEqualTo(special);
    assertThat(node.podsLike(special.substring(0, 13))).containsExactly(special);
  }

  @ParameterizedTest
  @ValueSource(strings = {"v", "virt", "virt_"})
  void anIdShortenedWithinThePrefixIsAmbiguous(String id) {
    node.runOnVirtlet("a");

    assertFails(
        () -> node.podStatus(id), Code.INVALID_ARGUMENT, "'" + id + "'", "virtlet.cloud", "virt__");
  }

  @Test
  void aFilterShortenedWithinThePrefixMatchesAllOfTheSecondary() {
    node.runOnContainerd("a");
    String special = node.runOnVirtlet("b");

    assertThat(node.podsLike("vi")).containsExactly(special);
  }

  @Test
  void anEmptyFilterMatchesAll() {
    String plain = node.runOnContainerd("a");
    String special = node.runOnVirtlet("b");

    assertThat(node.pods()).containsExactly(plain, special);
  }

  @Test
  void idsOfAnUnconfiguredRuntimeAreNotReportedAsRemoved() {
    String foreign = "gone__0123456789abcdef";
    StopPodSandboxRequest stop =
        StopPodSandboxRequest.newBuilder().setPodSandboxId(foreign).build();
    ListContainersRequest.Builder containers = ListContainersRequest.newBuilder();
    containers.getFilterBuilder().setPodSandboxId(foreign);

    assertFails(() -> node.podStatus(foreign), Code.UNAVAILABLE, foreign, "virt__ (virtlet.cloud)");
    assertFails(() -> node.containerStatus(foreign), Code.UNAVAILABLE, foreign);
    assertFails(() -> node.client.runtime().stopPodSandbox(stop), Code.UNAVAILABLE, foreign);
    assertFails(() -> node.podsLike(foreign), Code.UNAVAILABLE, foreign);
    assertFails(
        () -> node.client.runtime().listContainers(containers.build()), Code.UNAVAILABLE, foreign);
    assertThat(node.containerd.journal().calls()).isEmpty();
    assertThat(node.virtlet.journal().calls()).isEmpty();
  }

  @Test
  void anUnknownIdWithAPrefixIsAnsweredByItsRuntime() {
    assertFails(() -> node.podStatus("virt__0123"), Code.NOT_FOUND, "0123");
    assertFails(
        () ->
            node.client
                .runtime()
                .containerStatus(
                    ContainerStatusRequest.newBuilder().setContainerId("0123").build()),
        Code.NOT_FOUND,
        "0123");

    assertThat(node.virtlet.journal().callsOf("ContainerStatus")).isEmpty();
    assertThat(node.containerd.journal().callsOf("PodSandboxStatus")).isEmpty();
  }
}
