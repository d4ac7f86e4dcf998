package io.crirouter.testkit.router;

import static io.crirouter.testkit.router.FailureAssertions.assertFails;
import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.proto.v1.ContainerEventResponse;
import io.crirouter.proto.v1.ContainerEventType;
import io.crirouter.proto.v1.ListPodSandboxRequest;
import io.crirouter.proto.v1.PodSandbox;
import io.crirouter.proto.v1.PodSandboxConfig;
import io.crirouter.proto.v1.RunPodSandboxRequest;
import io.crirouter.proto.v1.StartContainerRequest;
import io.crirouter.testkit.CriClient;
import io.crirouter.testkit.ResponseStream;
import io.crirouter.testkit.RouterExtension;
import io.grpc.Status.Code;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A secondary runtime that is started by a pod of the primary. */
class RuntimeStartedByPodTest {
  private static final String PRIMARY = "containerd";
  private static final String VIRTLET = "virtlet.cloud";

  @RegisterExtension
  final RouterExtension router =
      RouterExtension.builder().primary(PRIMARY).secondary(VIRTLET).absent(VIRTLET).build();

  private String run(PodSandboxConfig.Builder pod) {
    return router
        .client()
        .runtime()
        .runPodSandbox(RunPodSandboxRequest.newBuilder().setConfig(pod).build())
        .getPodSandboxId();
  }

  private String create(String pod, String image) {
    return router
        .client()
        .runtime()
        .createContainer(Pods.container(pod, "main", image))
        .getContainerId();
  }

  private void start(String container) {
    var unused =
        router
            .client()
            .runtime()
            .startContainer(StartContainerRequest.newBuilder().setContainerId(container).build());
  }

  /** Starts a container of the primary whose process is the secondary. */
  private void startTheRuntimeIn(String container) {
    try (CriClient machine = CriClient.of(router.runtime(PRIMARY));
        ResponseStream<ContainerEventResponse> processes = machine.events()) {
      start(container);
      processes.next(
          event ->
              event.getContainerId().equals(container)
                  && event.getContainerEventType() == ContainerEventType.CONTAINER_STARTED_EVENT);
      router.start(VIRTLET);
    }
  }

  @Test
  void aPodOfThePrimaryStartsTheSecondaryAndAWaitingPodThenRuns() {
    PodSandboxConfig.Builder waiting = Pods.on(VIRTLET, "vm");
    assertFails(() -> run(waiting), Code.UNAVAILABLE, VIRTLET, "unix:" + router.socket(VIRTLET));

    router.runtime(PRIMARY).pullImage("virtlet");
    String daemon = run(Pods.plain("virtlet-daemon"));
    startTheRuntimeIn(create(daemon, "virtlet"));
    router.awaitReady(VIRTLET);
    router.runtime(VIRTLET).pullImage("cirros");
    String vm = run(waiting);
    start(create(vm, "cirros"));

    assertThat(router.runtime(PRIMARY).pods())
        .extracting(pod -> pod.getMetadata().getName())
        .containsExactly("virtlet-daemon");
    assertThat(router.runtime(VIRTLET).pods())
        .extracting(pod -> pod.getMetadata().getName())
        .containsExactly("vm");
    assertThat(
            router
                .client()
                .runtime()
                .listPodSandbox(ListPodSandboxRequest.getDefaultInstance())
                .getItemsList())
        .extracting(PodSandbox::getId)
        .containsExactlyInAnyOrder(daemon, vm);
  }
}
