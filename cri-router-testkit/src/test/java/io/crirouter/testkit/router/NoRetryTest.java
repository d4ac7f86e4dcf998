package io.crirouter.testkit.router;

import static io.crirouter.testkit.router.SimulatedNode.VIRTLET;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.proto.v1.CreateContainerRequest;
import io.crirouter.proto.v1.PodSandbox;
import io.crirouter.proto.v1.PullImageRequest;
import io.crirouter.proto.v1.RunPodSandboxRequest;
import io.crirouter.proto.v1.StartContainerRequest;
import io.crirouter.testkit.RecordedCall;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The router neither retries failed calls nor removes what they created. The kubelet decides, with
 * the next list.
 */
class NoRetryTest {
  /** The rpcs that the router may call by itself. */
  private static final Set<String> QUERIES =
      Set.of(
          "Version",
          "Status",
          "RuntimeConfig",
          "ListPodSandbox",
          "ListContainers",
          "ListImages",
          "ListMetricDescriptors");

  private final SimulatedNode node = SimulatedNode.start();

  @AfterEach
  void stop() {
    node.close();
  }

  private RawCall create(String pod) {
    RunPodSandboxRequest request =
        RunPodSandboxRequest.newBuilder().setConfig(SimulatedNode.pod(pod, VIRTLET)).build();
    return RawCall.start(node.router(), "RunPodSandbox", request.toByteString());
  }

  /** The calls at the runtimes in the next minutes, except queries. */
  private List<String> modifyingCalls() {
    node.advance(Duration.ofMinutes(3));
    return List.of(SimulatedNode.PRIMARY, VIRTLET).stream()
        .flatMap(runtime -> node.runtime(runtime).journal().calls().stream())
        .map(RecordedCall::name)
        .filter(rpc -> !QUERIES.contains(rpc))
        .toList();
  }

  @ParameterizedTest
  @EnumSource(value = Code.class, mode = EnumSource.Mode.EXCLUDE, names = "OK")
  void failedCreationsAreNotRetried(Code code) {
    node.virtlet().failNext("RunPodSandbox", code, "no");

    assertThat(create("vm").status().code()).isEqualTo(code);

    assertThat(modifyingCalls()).containsExactly("RunPodSandbox");
  }

  @Test
  void creationsInterruptedByAnOutageAreNeitherRetriedNorRemoved() {
    node.virtlet().loseNextAnswer("RunPodSandbox");

    assertThat(create("vm").status().code()).isEqualTo(Code.UNAVAILABLE);

    assertThat(modifyingCalls()).containsExactly("RunPodSandbox");
    assertThat(node.sandboxes()).as("the kubelet sees it").hasSize(1);
  }

  @Test
  void cancelledCreationsAreNotRemoved() {
    node.virtlet().delay("RunPodSandbox", Duration.ofSeconds(30));
    RawCall creation = create("vm");

    creation.cancel();

    assertThat(modifyingCalls()).containsExactly("RunPodSandbox");
    assertThat(node.sandboxes())
        .extracting(PodSandbox::getId)
        .containsExactly("virt__" + node.virtlet().pods().get(0).getId());
  }

  @Test
  void timedOutCreationsAreNotRemoved() {
    node.virtlet().hang("RunPodSandbox");
    RawCall creation = create("vm");
    node.advance(Duration.ofMinutes(4));
    creation.cancel("deadline");
    node.virtlet().resume();

    assertThat(modifyingCalls()).containsExactly("RunPodSandbox");
  }

  @Test
  void podsOfAReturnedRuntimeAreNotRemoved() {
    String pod = node.runPod("vm", VIRTLET);
    node.runContainer(pod, "main");
    node.virtlet().down();
    node.advance(Duration.ofMinutes(1));
    node.virtlet().journal().clear();
    node.runtime(SimulatedNode.PRIMARY).journal().clear();

    node.virtlet().up();

    assertThat(modifyingCalls()).isEmpty();
  }

  @Test
  void otherFailedCallsAreNotRetried() {
    String pod = node.runPod("vm", VIRTLET);
    String container = node.createContainer(pod, "main");
    node.virtlet().journal().clear();
    for (String rpc : List.of("CreateContainer", "StartContainer", "PullImage")) {
      node.virtlet().loseNextAnswer(rpc);
    }

    fails(
        "CreateContainer",
        CreateContainerRequest.newBuilder()
            .setPodSandboxId(pod)
            .setConfig(Pods.container("another", "busybox"))
            .build()
            .toByteString());
    node.advance(Duration.ofSeconds(1));
    fails(
        "StartContainer",
        StartContainerRequest.newBuilder().setContainerId(container).build().toByteString());
    node.advance(Duration.ofSeconds(1));
    fails(
        "PullImage",
        PullImageRequest.newBuilder()
            .setImage(ImageCalls.bare("cirros"))
            .setSandboxConfig(SimulatedNode.pod("vm", VIRTLET))
            .build()
            .toByteString());

    assertThat(modifyingCalls()).containsExactly("CreateContainer", "StartContainer", "PullImage");
  }

  private void fails(String rpc, ByteString request) {
    RpcStatus status = RawCall.start(node.router(), rpc, request).status();
    assertThat(status.code()).as("%s: %s", rpc, status).isEqualTo(Code.UNAVAILABLE);
  }
}
