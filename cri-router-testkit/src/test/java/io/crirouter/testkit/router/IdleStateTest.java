package io.crirouter.testkit.router;

import static io.crirouter.testkit.router.SimulatedNode.PRIMARY;
import static io.crirouter.testkit.router.SimulatedNode.VIRTLET;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.crirouter.core.IdStrategy;
import io.crirouter.proto.v1.PodSandboxConfig;
import io.crirouter.proto.v1.RunPodSandboxRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** On an idle node the router saves nothing, whatever a kubelet calls. */
class IdleStateTest {
  private static final Duration SETTLE_TIME = Duration.ofSeconds(5);
  private static final int PODS = 5;

  private final MemoryStateStore store = new MemoryStateStore();

  static Stream<Arguments> cases() {
    List<Arguments> cases = new ArrayList<>();
    for (IdStrategy ids : List.of(IdStrategy.prefixed(), IdStrategy.nativeIds())) {
      for (boolean itemsToo : List.of(false, true)) {
        cases.add(Arguments.of(ids, itemsToo));
      }
    }
    return cases.stream();
  }

  private SimulatedNode start(IdStrategy ids, boolean itemsToo) {
    ShuffledMaps maps = new ShuffledMaps(itemsToo);
    SimulatedNode node =
        SimulatedNode.of(PRIMARY, VIRTLET)
            .withStore(store)
            .between(PRIMARY, fake -> maps.shuffle(new AlteredResponses().of(fake)))
            .between(VIRTLET, fake -> maps.shuffle(new AlteredResponses().of(fake)))
            .configured(builder -> builder.ids(ids))
            .startRouter();
    for (int i = 0; i < PODS; i++) {
      for (String runtime : List.of(PRIMARY, VIRTLET)) {
        PodSandboxConfig.Builder pod = SimulatedNode.pod("pod-" + i, runtime).toBuilder();
        pod.getMetadataBuilder().setUid(runtime + i);
        for (int label = 0; label < 10; label++) {
          pod.putLabels("example.com/label-" + label, "value");
          pod.putAnnotations("example.com/annotation-" + label, "value");
        }
        String sandbox =
            node.client()
                .runtime()
                .runPodSandbox(RunPodSandboxRequest.newBuilder().setConfig(pod).build())
                .getPodSandboxId();
        node.runContainer(sandbox, "main");
      }
    }
    return node;
  }

  /** The calls of a kubelet on an idle node. */
  private static void pollLikeAKubelet(SimulatedNode node, int seconds) {
    String pod = node.sandboxes().get(0).getId();
    String container = node.containers().get(0).getId();
    CallsById byId = new CallsById(node.client());
    for (int second = 0; second < seconds; second++) {
      node.sandboxes();
      node.containers();
      if (second % 5 == 0) {
        ask(node, "Status");
      }
      if (second % 10 == 0) {
        ask(node, "ListPodSandboxStats");
        ask(node, "ListContainerStats");
        ask(node, "ImageFsInfo");
        byId.sandboxStatus(pod);
        byId.containerStatus(container);
      }
      if (second % 30 == 0) {
        ask(node, "ListImages");
        ask(node, "StreamPodSandboxes");
        ask(node, "StreamContainers");
      }
      node.advance(Duration.ofSeconds(1));
    }
  }

  private static void ask(SimulatedNode node, String rpc) {
    assertThat(RawCall.start(node.router(), rpc, ByteString.EMPTY).status().isOk()).isTrue();
  }

  @ParameterizedTest(name = "{0}, items in another order too: {1}")
  @MethodSource("cases")
  void nothingIsSavedInTenIdleMinutes(IdStrategy ids, boolean itemsToo) {
    try (SimulatedNode node = start(ids, itemsToo)) {
      pollLikeAKubelet(node, (int) SETTLE_TIME.toSeconds());
      int before = store.saves();
      assertThat(before).isPositive();

      pollLikeAKubelet(node, 600);

      assertThat(store.saves() - before).as("saves").isZero();
    }
  }

  @ParameterizedTest(name = "{0}, items in another order too: {1}")
  @MethodSource("cases")
  void nothingIsSavedWhileListsAreAnsweredAfterARestart(IdStrategy ids, boolean itemsToo) {
    try (SimulatedNode node = start(ids, itemsToo)) {
      pollLikeAKubelet(node, (int) SETTLE_TIME.toSeconds());
      node.close();
      node.startRouter();
      node.advance(SETTLE_TIME);
      int before = store.saves();

      pollLikeAKubelet(node, 60);

      assertThat(store.saves() - before).as("saves").isZero();
    }
  }
}
