package io.crirouter.testkit.router;

import static io.crirouter.testkit.router.Node.VIRTLET;
import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.core.BackendOptions;
import io.crirouter.core.RoutingPolicy;
import io.crirouter.proto.v1.ContainerEventResponse;
import io.crirouter.proto.v1.ImageSpec;
import io.crirouter.proto.v1.ImageStatusRequest;
import io.crirouter.proto.v1.ListPodSandboxRequest;
import io.crirouter.proto.v1.PodSandbox;
import io.crirouter.proto.v1.PullImageRequest;
import io.crirouter.proto.v1.RunPodSandboxRequest;
import io.crirouter.proto.v1.StatusRequest;
import io.crirouter.proto.v1.StreamPodSandboxesRequest;
import io.crirouter.testkit.ResponseStream;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Pods with a RuntimeClass whose handler has another name at the runtime. */
class RuntimeHandlerTest {
  private final Node node =
      Node.builder()
          .policy(RoutingPolicy.runtimeHandler(Map.of("vm", VIRTLET)))
          .containerd(fake -> fake.runtimeHandler("gvisor"))
          .virtlet(fake -> fake.runtimeHandler("kvm"))
          .virtlet(BackendOptions.DEFAULT.withRuntimeHandler("vm", "kvm"))
          .build();

  @Test
  void podsAreRoutedByHandlerWithTheNameOfTheRuntime() {
    node.run(Pods.plain("a"), "vm");

    assertThat(node.containerd.pods()).isEmpty();
    assertThat(node.virtlet.journal().callsOf("RunPodSandbox"))
        .extracting(call -> call.request(RunPodSandboxRequest.class).getRuntimeHandler())
        .containsExactly("kvm");
  }

  @Test
  void unroutedHandlersGoToThePrimaryUnchanged() {
    String pod = node.run(Pods.plain("a"), "gvisor");

    assertThat(node.virtlet.pods()).isEmpty();
    assertThat(node.podStatus(pod).getRuntimeHandler()).isEqualTo("gvisor");
  }

  @Test
  void responsesHaveTheHandlerNameOfPods() {
    try (ResponseStream<ContainerEventResponse> events = node.client.events()) {
      String pod = node.run(Pods.plain("a"), "vm");

      assertThat(node.podStatus(pod).getRuntimeHandler()).as("status").isEqualTo("vm");
      assertThat(
              node.client
                  .runtime()
                  .listPodSandbox(ListPodSandboxRequest.getDefaultInstance())
                  .getItemsList())
          .as("list")
          .extracting(PodSandbox::getRuntimeHandler)
          .containsExactly("vm");
      assertThat(
              node.client
                  .runtime()
                  .streamPodSandboxes(StreamPodSandboxesRequest.getDefaultInstance())
                  .next()
                  .getPodSandboxesList())
          .as("streamed list")
          .extracting(PodSandbox::getRuntimeHandler)
          .containsExactly("vm");
      assertThat(events.next().getPodSandboxStatus().getRuntimeHandler())
          .as("event")
          .isEqualTo("vm");
    }
  }

  @Test
  void statusHasTheHandlerNameOfPods() {
    assertThat(
            node.client
                .runtime()
                .status(StatusRequest.getDefaultInstance())
                .getRuntimeHandlersList())
        .extracting(handler -> handler.getName())
        .containsExactly("", "gvisor", "vm");
  }

  @Test
  void imageCallsAreRoutedByHandler() {
    ImageSpec image =
        ImageSpec.newBuilder()
            .setImage("cirros")
            .setRuntimeHandler("vm")
            .putAnnotations("note", "a pod's")
            .build();

    node.client.images().imageStatus(ImageStatusRequest.newBuilder().setImage(image).build());
    node.client.images().pullImage(PullImageRequest.newBuilder().setImage(image).build());

    assertThat(node.containerd.journal().calls()).isEmpty();
    assertThat(node.virtlet.journal().callsOf("ImageStatus"))
        .extracting(call -> call.request(ImageStatusRequest.class).getImage().getRuntimeHandler())
        .containsExactly("kvm");
    assertThat(node.virtlet.journal().callsOf("PullImage"))
        .extracting(call -> call.request(PullImageRequest.class).getImage().getRuntimeHandler())
        .containsExactly("kvm");
  }
}
