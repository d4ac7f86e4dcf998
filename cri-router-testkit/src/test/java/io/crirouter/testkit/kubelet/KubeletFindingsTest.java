package io.crirouter.testkit.kubelet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.proto.v1.ContainerState;
import io.crirouter.proto.v1.ImageStatusResponse;
import io.crirouter.proto.v1.ListContainersResponse;
import io.crirouter.proto.v1.ListImagesResponse;
import io.crirouter.proto.v1.ListPodSandboxResponse;
import io.crirouter.proto.v1.PodSandbox;
import io.crirouter.proto.v1.PodSandboxState;
import io.crirouter.proto.v1.PullImageResponse;
import io.crirouter.proto.v1.RunPodSandboxResponse;
import io.crirouter.testkit.FakeRuntime;
import io.crirouter.testkit.ManualScheduler;
import io.crirouter.testkit.kubelet.Finding.Kind;
import io.crirouter.testkit.kubelet.KubeletSimulator.Phase;
import io.crirouter.testkit.kubelet.PodSpec.RestartPolicy;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The kubelet simulator reports every wrong response of a runtime. */
class KubeletFindingsTest {
  private static final Duration TEN_SECONDS = Duration.ofSeconds(10);

  private final ManualScheduler time = new ManualScheduler();
  private final FakeRuntime runtime = FakeRuntime.named("containerd").scheduler(time).build();
  private final TamperingRuntime tampering = new TamperingRuntime(runtime);

  private KubeletSimulator withPod(RestartPolicy policy) {
    KubeletSimulator kubelet = KubeletSimulator.builder(tampering, time).start();
    kubelet.add(
        PodSpec.named("web")
            .container("main", "nginx", List.of("true"))
            .restartPolicy(policy)
            .build());
    time.advance(TEN_SECONDS);
    assertThat(kubelet.phase("web")).isEqualTo(Phase.RUNNING);
    kubelet.assertNoFindings();
    return kubelet;
  }

  private static List<Kind> kinds(KubeletSimulator kubelet) {
    return kubelet.findings().stream().map(Finding::kind).toList();
  }

  @Test
  void aSandboxMissingFromAListIsReported() {
    KubeletSimulator kubelet = withPod(RestartPolicy.ALWAYS);
    tampering.tamperOnce(
        "ListPodSandbox",
        TamperingRuntime.replaceWith(ListPodSandboxResponse.getDefaultInstance()));

    time.advance(TEN_SECONDS);

    assertThat(kinds(kubelet)).contains(Kind.VANISHED, Kind.SANDBOX_MISSING);
    assertThatThrownBy(kubelet::assertNoFindings)
        .hasMessageContaining("pod default/web")
        .hasMessageContaining("exists, but")
        .hasMessageContaining("missing from ListPodSandbox");
  }

  @Test
  void aContainerMissingFromAListFailsAPodWithoutRestarts() {
    KubeletSimulator kubelet = withPod(RestartPolicy.NEVER);
    tampering.tamperOnce(
        "ListContainers",
        TamperingRuntime.replaceWith(ListContainersResponse.getDefaultInstance()));

    time.advance(TEN_SECONDS);

    assertThat(kinds(kubelet)).contains(Kind.VANISHED, Kind.FAILED_POD);
    assertThat(kubelet.phase("web")).isEqualTo(Phase.FAILED);
  }

  @Test
  void notFoundOfARunningContainerIsReported() {
    KubeletSimulator kubelet = withPod(RestartPolicy.ALWAYS);
    runtime.failNext("ExecSync", Code.NOT_FOUND, "no such container");

    time.advance(Duration.ofSeconds(20));

    assertThat(kinds(kubelet)).containsExactly(Kind.NOT_FOUND);
    assertThat(kubelet.findings().get(0).text()).contains("container main of pod default/web");
  }

  @Test
  void twoReadySandboxesOfAPodAreReported() {
    KubeletSimulator kubelet = withPod(RestartPolicy.ALWAYS);
    tampering.tamperOnce(
        "ListPodSandbox",
        original -> {
          ListPodSandboxResponse list = ListPodSandboxResponse.parseFrom(original);
          PodSandbox second = list.getItems(0).toBuilder().setId("another").build();
          return list.toBuilder().addItems(second).build().toByteString();
        });

    time.advance(TEN_SECONDS);

    assertThat(kinds(kubelet)).containsExactly(Kind.SECOND_READY_SANDBOX);
  }

  @Test
  void anIdThatIsListedTwiceIsReported() {
    KubeletSimulator kubelet = withPod(RestartPolicy.ALWAYS);
    tampering.tamperOnce("ListContainers", original -> original.concat(original));

    time.advance(TEN_SECONDS);

    assertThat(kinds(kubelet)).containsExactly(Kind.LISTED_TWICE);
  }

  @Test
  void aRemovedPodThatIsListedIsReported() {
    KubeletSimulator kubelet = withPod(RestartPolicy.ALWAYS);
    ByteString[] before = {ByteString.EMPTY};
    tampering.tamperAlways(
        "ListPodSandbox",
        original -> {
          boolean empty = ListPodSandboxResponse.parseFrom(original).getItemsCount() == 0;
          before[0] = empty ? before[0] : original;
          return before[0];
        });
    time.advance(TEN_SECONDS);

    kubelet.delete("web");
    time.advance(Duration.ofSeconds(30));

    assertThat(kinds(kubelet)).contains(Kind.RESURRECTED);
  }

  @Test
  void aSandboxStateThatGoesBackIsReported() {
    KubeletSimulator kubelet = withPod(RestartPolicy.ALWAYS);
    tampering.tamperOnce(
        "ListPodSandbox",
        original -> {
          ListPodSandboxResponse.Builder list =
              ListPodSandboxResponse.parseFrom(original).toBuilder();
          list.getItemsBuilder(0).setState(PodSandboxState.SANDBOX_NOTREADY);
          return list.build().toByteString();
        });

    time.advance(TEN_SECONDS);

    assertThat(kinds(kubelet)).containsExactly(Kind.STATE_WENT_BACK);
  }

  @Test
  void aContainerStateThatGoesBackIsReported() {
    KubeletSimulator kubelet = withPod(RestartPolicy.ALWAYS);
    tampering.tamperOnce(
        "ListContainers",
        original -> {
          ListContainersResponse.Builder list =
              ListContainersResponse.parseFrom(original).toBuilder();
          list.getContainersBuilder(0).setState(ContainerState.CONTAINER_EXITED);
          return list.build().toByteString();
        });

    time.advance(TEN_SECONDS);

    assertThat(kinds(kubelet)).containsExactly(Kind.STATE_WENT_BACK);
  }

  @Test
  void removalOfAnImageInUseIsReported() {
    KubeletSimulator kubelet = withPod(RestartPolicy.ALWAYS);
    tampering.tamperAlways(
        "ListContainers",
        original -> {
          ListContainersResponse.Builder list =
              ListContainersResponse.parseFrom(original).toBuilder();
          list.getContainersBuilderList()
              .forEach(one -> one.setImageId("virtlet.cloud/" + one.getImageId()));
          return list.build().toByteString();
        });

    time.advance(Duration.ofMinutes(11));

    assertThat(kinds(kubelet)).containsOnly(Kind.IMAGE_IN_USE_REMOVED);
    assertThat(runtime.journal().callsOf("RemoveImage")).isNotEmpty();
  }

  @Test
  void aPinnedImageIsNotRemoved() {
    KubeletSimulator kubelet = withPod(RestartPolicy.ALWAYS);
    kubelet.delete("web");
    tampering.tamperAlways(
        "ListImages",
        original -> {
          ListImagesResponse.Builder list = ListImagesResponse.parseFrom(original).toBuilder();
          list.getImagesBuilderList().forEach(one -> one.setPinned(true));
          return list.build().toByteString();
        });

    time.advance(Duration.ofMinutes(11));

    assertThat(runtime.journal().callsOf("RemoveImage")).isEmpty();
    kubelet.assertNoFindings();
  }

  @Test
  void malformedResponsesAreReported() {
    KubeletSimulator kubelet = KubeletSimulator.builder(tampering, time).start();
    kubelet.add(PodSpec.named("web").container("main", "nginx").build());
    tampering.tamperOnce(
        "RunPodSandbox", TamperingRuntime.replaceWith(RunPodSandboxResponse.getDefaultInstance()));
    time.advance(Duration.ofSeconds(1));
    assertThat(kinds(kubelet)).containsExactly(Kind.MALFORMED_ANSWER);

    time.advance(Duration.ofMinutes(1));
    kubelet.add(PodSpec.named("other").container("main", "busybox").build());
    tampering.tamperOnce(
        "PullImage", TamperingRuntime.replaceWith(PullImageResponse.getDefaultInstance()));
    time.advance(TEN_SECONDS);
    assertThat(kinds(kubelet)).contains(Kind.MALFORMED_ANSWER).hasSizeGreaterThan(1);
  }

  @Test
  void anAbsentImageReportedAsPresentIsReported() {
    KubeletSimulator kubelet = KubeletSimulator.builder(tampering, time).start();
    FakeRuntime another = FakeRuntime.named("another").images("nginx").build();
    tampering.tamperAlways(
        "ImageStatus",
        original ->
            ImageStatusResponse.newBuilder()
                .setImage(another.images().get(0))
                .build()
                .toByteString());
    kubelet.add(PodSpec.named("web").container("main", "nginx").build());

    time.advance(TEN_SECONDS);

    assertThat(kinds(kubelet)).containsExactly(Kind.IMAGE_WAS_ABSENT);
  }

  @Test
  void aContainerKilledByAHungProbeIsReported() {
    KubeletSimulator kubelet = withPod(RestartPolicy.ALWAYS);
    runtime.hang("ExecSync");

    time.advance(Duration.ofMinutes(10));

    assertThat(kinds(kubelet)).contains(Kind.KILLED_BY_PROBE);
    assertThat(runtime.journal().callsOf("StopContainer")).isNotEmpty();
  }

  @Test
  void otherErrorsOfAProbeAreIgnored() {
    KubeletSimulator kubelet = withPod(RestartPolicy.ALWAYS);
    runtime.failAlways("ExecSync", RpcStatus.of(Code.UNAVAILABLE, "away for a while"));

    time.advance(Duration.ofMinutes(10));

    kubelet.assertNoFindings();
    assertThat(runtime.journal().callsOf("StopContainer")).isEmpty();
  }

  @Test
  void aLongOutageOfTheRuntimeIsReported() {
    KubeletSimulator kubelet = withPod(RestartPolicy.ALWAYS);
    runtime.down();
    time.advance(Duration.ofSeconds(29));
    kubelet.assertNoFindings();

    time.advance(Duration.ofSeconds(10));
    assertThat(kinds(kubelet)).containsExactly(Kind.NODE_NOT_READY);
    assertThat(kubelet.isNodeReady()).isFalse();

    runtime.up();
    time.advance(TEN_SECONDS);
    assertThat(kubelet.isNodeReady()).isTrue();
    assertThat(kubelet.phase("web")).isEqualTo(Phase.RUNNING);
  }

  @Test
  void failingListsAreReported() {
    KubeletSimulator kubelet = withPod(RestartPolicy.ALWAYS);
    runtime.failAlways("ListContainers", RpcStatus.of(Code.UNKNOWN, "corrupt database"));

    time.advance(Duration.ofSeconds(170));
    kubelet.assertNoFindings();
    time.advance(Duration.ofSeconds(20));

    assertThat(kinds(kubelet)).containsExactly(Kind.NODE_NOT_READY);
  }

  @Test
  void eventsThatBreakFiveTimesAreReported() {
    KubeletSimulator kubelet = KubeletSimulator.builder(tampering, time).evented().start();
    for (int i = 0; i < 5; i++) {
      time.advance(TEN_SECONDS);
      assertThat(kinds(kubelet)).doesNotContain(Kind.EVENTS_GIVEN_UP);
      runtime.down();
      runtime.up();
    }

    time.advance(TEN_SECONDS);

    assertThat(kinds(kubelet)).containsExactly(Kind.EVENTS_GIVEN_UP);
  }
}
