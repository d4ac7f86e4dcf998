package io.crirouter.testkit.router;

import static io.crirouter.testkit.router.CallsById.refusal;
import static io.crirouter.testkit.router.Node.VIRTLET;
import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.proto.v1.RuntimeCondition;
import io.crirouter.proto.v1.StatusRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** UNAVAILABLE messages are the same for all retries, because kubelets emit an event per text. */
class UnavailableMessageTest {
  private final Node node = Node.create();
  private final CallsById calls = new CallsById(node.client);
  private final String pod = node.runOnVirtlet("special");
  private final String container = node.start(pod, "main");

  /** The messages of repeated calls for more than a minute. */
  private static List<String> repeatForAMinute(Node node, Supplier<String> message) {
    List<String> all = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      all.add(message.get());
      node.clock.advance(Duration.ofSeconds(6).plusMillis(123));
    }
    return all;
  }

  private static String message(Node node, String call, String pod, String container) {
    CallsById calls = new CallsById(node.client);
    return String.valueOf(
        refusal(
                () -> {
                  switch (call) {
                    case "RunPodSandbox" -> node.run(Pods.on(VIRTLET, "new"));
                    case "StopPodSandbox" -> calls.stopSandbox(pod);
                    case "ContainerStatus" -> calls.containerStatus(container);
                    case "ImageStatus" ->
                        new ImageCalls(node.client)
                            .status(ImageCalls.of(Pods.on(VIRTLET, "new"), "cirros"));
                    default ->
                        new ImageCalls(node.client)
                            .pull(ImageCalls.bare("cirros"), Pods.on(VIRTLET, "new"));
                  }
                })
            .getDescription());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"RunPodSandbox", "StopPodSandbox", "ContainerStatus", "ImageStatus", "PullImage"})
  void theMessageOfALostRuntimeHasTheTimeOfTheLoss(String call) {
    node.clock.advance(Duration.ofSeconds(7));
    node.virtlet.down();

    List<String> messages = repeatForAMinute(node, () -> message(node, call, pod, container));

    assertThat(messages.get(0))
        .startsWith(
            "runtime virtlet.cloud (fake runtime virtlet.cloud, lost since 00:00:07Z)"
                + " is not available: ")
        .contains("is down");
    assertThat(messages).containsOnly(messages.get(0));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"RunPodSandbox", "StopPodSandbox", "ContainerStatus", "ImageStatus", "PullImage"})
  void theMessageOfAHungRuntimeHasTheTimeOfTheLoss(String call) {
    node.virtlet.hang("Version");
    node.clock.advance(Duration.ofSeconds(15));

    List<String> messages = repeatForAMinute(node, () -> message(node, call, pod, container));

    assertThat(messages.get(0))
        .startsWith(
            "runtime virtlet.cloud (fake runtime virtlet.cloud, lost since 00:00:15Z)"
                + " is not available: ")
        .contains("Version");
    assertThat(messages).containsOnly(messages.get(0));
  }

  @Test
  void theMessageOfARuntimeThatWasNeverSeenIsConstant() {
    Node late = Node.builder().virtletStartsLate().build();

    List<String> messages = repeatForAMinute(late, () -> message(late, "RunPodSandbox", "", ""));

    assertThat(messages).containsOnly(messages.get(0));
    assertThat(messages.get(0)).contains("virtlet.cloud", "fake runtime virtlet.cloud", "is down");
  }

  @Test
  void theConditionInStatusIsConstant() {
    node.virtlet.down();

    List<String> messages =
        repeatForAMinute(
            node,
            () ->
                node
                    .client
                    .runtime()
                    .status(StatusRequest.getDefaultInstance())
                    .getStatus()
                    .getConditionsList()
                    .stream()
                    .filter(condition -> condition.getType().equals("virtlet.cloud/RuntimeReady"))
                    .map(RuntimeCondition::getMessage)
                    .findFirst()
                    .orElse(""));

    assertThat(messages).containsOnly(messages.get(0));
    assertThat(messages.get(0)).contains("lost since 00:00:00Z");
    assertThat(refusal(() -> calls.sandboxStatus(pod)).getDescription()).isEqualTo(messages.get(0));
  }
}
