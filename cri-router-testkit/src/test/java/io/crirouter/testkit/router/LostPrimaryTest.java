package io.crirouter.testkit.router;

import static io.crirouter.testkit.router.FailureAssertions.assertFails;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.crirouter.core.IdStrategy;
import io.crirouter.core.RpcStatus;
import io.crirouter.proto.v1.ExecSyncRequest;
import io.crirouter.proto.v1.ListPodSandboxRequest;
import io.crirouter.proto.v1.PodSandbox;
import io.crirouter.proto.v1.StatusRequest;
import io.grpc.Status.Code;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A lost primary. Kubelets list pods before each exec, so lists have the last known pods of the
 * primary, and pods of secondaries stay reachable.
 */
class LostPrimaryTest {
  private static final Duration UNTIL_LOST = Duration.ofSeconds(15);

  private Node node = Node.create();

  static Stream<Arguments> listsOfPods() {
    List<Arguments> cases = new ArrayList<>();
    for (ListRpc list : ListRpc.values()) {
      for (IdStrategy ids : List.of(IdStrategy.prefixed(), IdStrategy.nativeIds())) {
        if (list.kind() != ListRpc.Kind.IMAGE) {
          cases.add(Arguments.of(list, ids));
        }
      }
    }
    return cases.stream();
  }

  private void runPods(IdStrategy ids) {
    node = Node.builder().configure(builder -> builder.ids(ids)).build();
    node.start(node.runOnContainerd("plain"), "main");
    node.start(node.runOnVirtlet("special"), "main");
  }

  @ParameterizedTest
  @MethodSource("listsOfPods")
  void listsHaveTheLastKnownItemsOfThePrimary(ListRpc list, IdStrategy ids) throws Exception {
    runPods(ids);
    List<String> before = list.idsAtOnce(node.router);
    assertThat(before).hasSize(2);

    node.containerd.down();

    assertThat(list.idsAtOnce(node.router)).containsExactlyElementsOf(before);
  }

  @ParameterizedTest
  @MethodSource("listsOfPods")
  void listsHaveTheCurrentItemsOfSecondaries(ListRpc list, IdStrategy ids) throws Exception {
    runPods(ids);
    node.containerd.down();

    node.start(node.runOnVirtlet("another"), "main");

    assertThat(list.idsAtOnce(node.router)).hasSize(3);
  }

  @ParameterizedTest
  @MethodSource("listsOfPods")
  void listsHaveTheLastKnownItemsOfAHungPrimary(ListRpc list, IdStrategy ids) throws Exception {
    runPods(ids);
    List<String> before = list.idsAtOnce(node.router);
    node.containerd.hang();
    node.clock.advance(UNTIL_LOST);

    assertThat(list.idsAtOnce(node.router)).containsExactlyElementsOf(before);
  }

  @ParameterizedTest
  @MethodSource("listsOfPods")
  void listsHaveTheLastKnownItemsOfALostSecondaryToo(ListRpc list, IdStrategy ids)
      throws Exception {
    runPods(ids);
    List<String> before = list.idsAtOnce(node.router);

    node.virtlet.down();
    node.containerd.down();

    assertThat(list.idsAtOnce(node.router)).containsExactlyElementsOf(before);
  }

  @ParameterizedTest
  @MethodSource("listsOfPods")
  void withoutPodsOfSecondariesTheErrorIsTheResponse(ListRpc list, IdStrategy ids) {
    runPods(ids);
    node.remove(node.virtlet.pods().stream().map(pod -> clientId(pod, ids)).findFirst().get());

    node.containerd.down();

    RpcStatus status = list.start(node.router).status();
    assertThat(status.code()).isEqualTo(RpcStatus.Code.UNAVAILABLE);
    assertThat(status.message()).contains("containerd");
  }

  private static String clientId(PodSandbox pod, IdStrategy ids) {
    return (ids.equals(IdStrategy.prefixed()) ? "virt__" : "") + pod.getId();
  }

  @ParameterizedTest
  @EnumSource(
      value = ListRpc.class,
      names = {"LIST_IMAGES", "STREAM_IMAGES"},
      mode = EnumSource.Mode.EXCLUDE)
  void anErrorOfAReachablePrimaryIsTheResponse(ListRpc list) {
    runPods(IdStrategy.prefixed());
    node.containerd.failNext(list.rpc(), RpcStatus.Code.UNAVAILABLE, "the store is opening");

    assertThat(list.start(node.router).status().message()).isEqualTo("the store is opening");
  }

  @Test
  void podsOfSecondariesAreFoundByLabelAndReached() {
    node.start(node.runOnContainerd("plain"), "main");
    String pod = node.run(Pods.on(Node.VIRTLET, "special").putLabels("app", "db"));
    String container = node.start(pod, "main");
    node.containerd.down();

    ListPodSandboxRequest.Builder byLabel = ListPodSandboxRequest.newBuilder();
    byLabel.getFilterBuilder().putLabelSelector("app", "db");
    assertThat(node.client.runtime().listPodSandbox(byLabel.build()).getItemsList())
        .extracting(PodSandbox::getId)
        .containsExactly(pod);
    assertThat(
            node.client
                .runtime()
                .execSync(
                    ExecSyncRequest.newBuilder().setContainerId(container).addCmd("true").build())
                .getExitCode())
        .isZero();
  }

  @Test
  void callsToThePrimaryFail() {
    String plain = node.runOnContainerd("plain");
    node.runOnVirtlet("special");
    node.containerd.down();

    assertFails(
        () -> node.client.runtime().status(StatusRequest.getDefaultInstance()), Code.UNAVAILABLE);
    assertFails(() -> node.runOnContainerd("new"), Code.UNAVAILABLE, "containerd");
    assertFails(() -> node.podStatus(plain), Code.UNAVAILABLE, "containerd");
    assertThat(node.runOnVirtlet("another")).startsWith("virt__");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ListImages",
        "StreamImages",
        "ListContainerStats",
        "ListPodSandboxStats",
        "ListPodSandboxMetrics",
        "ImageFsInfo"
      })
  void otherMergedCallsFail(String rpc) {
    runPods(IdStrategy.prefixed());
    node.containerd.down();

    RpcStatus status = RawCall.start(node.router, rpc, ByteString.EMPTY).status();

    assertThat(status.code()).isEqualTo(RpcStatus.Code.UNAVAILABLE);
  }

  @Test
  void changesDuringTheOutageAreVisibleAfterIt() throws Exception {
    runPods(IdStrategy.prefixed());
    node.containerd.down();
    assertThat(ListRpc.LIST_POD_SANDBOX.idsAtOnce(node.router)).hasSize(2);

    node.containerd.up();
    node.clock.advance(Duration.ofSeconds(1));
    node.runOnContainerd("new");

    assertThat(ListRpc.LIST_POD_SANDBOX.idsAtOnce(node.router)).hasSize(3);
  }
}
