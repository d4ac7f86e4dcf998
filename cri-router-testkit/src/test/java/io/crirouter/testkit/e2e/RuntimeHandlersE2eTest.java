package io.crirouter.testkit.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.core.BackendOptions;
import io.crirouter.core.RoutingPolicy;
import io.crirouter.proto.v1.ListPodSandboxRequest;
import io.crirouter.proto.v1.PodSandboxConfig;
import io.crirouter.proto.v1.PodSandboxFilter;
import io.crirouter.proto.v1.PodSandboxStatusRequest;
import io.crirouter.proto.v1.RuntimeHandler;
import io.crirouter.proto.v1.StatusRequest;
import io.crirouter.testkit.CriClient;
import io.crirouter.testkit.containerd.ContainerdLine;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Routing by RuntimeClass: the handler {@code vm} is routed to the secondary, where its name is
 * {@code special}. Both runtimes have the handlers {@code runc} and {@code special}.
 */
@ParameterizedClass
@EnumSource(ContainerdLine.class)
class RuntimeHandlersE2eTest extends WithSharedPair {
  private RouterInFront router;

  @BeforeParameterizedClassInvocation
  void startRouter() {
    RoutingPolicy policy =
        RoutingPolicy.firstOf(
            RoutingPolicy.annotation(),
            RoutingPolicy.runtimeHandler(Map.of("vm", Side.SECONDARY.backend())));
    router =
        RouterInFront.of(
            pair().runtimes(),
            new RouterInFront.Setup(
                policy,
                BackendOptions.DEFAULT.withRuntimeHandler("vm", "special"),
                Optional.empty()));
  }

  @AfterParameterizedClassInvocation
  void stopRouter() {
    if (router != null) {
      router.close();
    }
  }

  @Test
  void theHandlerIsRoutedToTheSecondaryAndRenamed() {
    PodSandboxConfig config = unannotated("handled");

    KubeletPod pod = KubeletPod.run(router.client(), Side.SECONDARY, config, "vm");
    String container = pod.start(PodSpecs.printing("main", "hello"));

    assertThat(container).matches(Side.SECONDARY::isIdForClients);
    assertThat(handlerOn(Side.SECONDARY, pod)).isEqualTo("special");
    assertThat(pod.status().getStatus().getRuntimeHandler()).isEqualTo("vm");
    assertThat(
            router
                .client()
                .runtime()
                .listPodSandbox(
                    ListPodSandboxRequest.newBuilder()
                        .setFilter(PodSandboxFilter.newBuilder().setId(pod.id()))
                        .build())
                .getItems(0)
                .getRuntimeHandler())
        .isEqualTo("vm");
    pod.delete();
  }

  @Test
  void handlersOfThePrimaryStayThere() {
    KubeletPod pod =
        KubeletPod.run(router.client(), Side.PRIMARY, unannotated("primarys"), "special");

    assertThat(handlerOn(Side.PRIMARY, pod)).isEqualTo("special");
    assertThat(pod.status().getStatus().getRuntimeHandler()).isEqualTo("special");
    pod.delete();
  }

  @Test
  void unknownHandlersAreRefusedByThePrimary() {
    Outcome refused =
        Outcome.of(
            () ->
                KubeletPod.run(router.client(), Side.PRIMARY, unannotated("unhandled"), "no-such")
                    .status());

    assertThat(refused.code()).isEqualTo(Status.Code.UNKNOWN);
    assertThat(refused.message()).contains("no runtime for \"no-such\" is configured");
  }

  @Test
  void statusHasTheHandlersOfThePrimaryAndTheRoutedHandlerWithItsFeatures() {
    List<RuntimeHandler> expected = new ArrayList<>(handlers(direct(Side.PRIMARY)));
    expected.add(
        handlers(direct(Side.SECONDARY)).stream()
            .filter(handler -> handler.getName().equals("special"))
            .findFirst()
            .orElse(RuntimeHandler.getDefaultInstance())
            .toBuilder()
            .setName("vm")
            .build());

    assertThat(handlers(router.client())).containsExactlyInAnyOrderElementsOf(expected);
    if (line == ContainerdLine.NEWER) {
      assertThat(expected)
          .extracting(RuntimeHandler::getName)
          .containsExactlyInAnyOrder("", "runc", "special", "vm");
      assertThat(expected).allMatch(RuntimeHandler::hasFeatures);
    }
  }

  private PodSandboxConfig unannotated(String name) {
    return PodSpecs.pod(pair(), Side.SECONDARY, name).toBuilder()
        .removeAnnotations(RoutingPolicy.TARGET_RUNTIME_ANNOTATION)
        .build();
  }

  private String handlerOn(Side side, KubeletPod pod) {
    return direct(side)
        .runtime()
        .podSandboxStatus(PodSandboxStatusRequest.newBuilder().setPodSandboxId(pod.ownId()).build())
        .getStatus()
        .getRuntimeHandler();
  }

  private static List<RuntimeHandler> handlers(CriClient client) {
    return client.runtime().status(StatusRequest.getDefaultInstance()).getRuntimeHandlersList();
  }
}
