package io.crirouter.testkit.router;

import static io.crirouter.testkit.router.Node.VIRTLET;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.crirouter.core.BackendName;
import io.crirouter.core.CriRouter;
import io.crirouter.core.RoutingPolicy;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.proto.v1.ListContainersRequest;
import io.crirouter.proto.v1.ListImagesRequest;
import io.crirouter.proto.v1.PodSandboxStatusRequest;
import io.crirouter.proto.v1.RuntimeCondition;
import io.crirouter.proto.v1.RuntimeHandler;
import io.crirouter.proto.v1.StatusRequest;
import io.crirouter.proto.v1.StatusResponse;
import io.crirouter.testkit.FakeRuntime;
import java.time.Duration;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.logging.Level;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The limits of texts from runtimes, except in the response of the call itself. */
class RuntimeMessageLimitsTest {
  private static final int KIBIBYTE = 1 << 10;
  private static final int MEBIBYTE = 1 << 20;
  private static final String HUGE = "€".repeat(3 * MEBIBYTE);

  private final CapturedLog log = new CapturedLog(Level.FINE);

  @AfterEach
  void close() {
    log.close();
  }

  private static StatusResponse status(Node node) {
    return node.client.runtime().status(StatusRequest.newBuilder().setVerbose(true).build());
  }

  private static int bytes(String text) {
    return ByteString.copyFromUtf8(text).size();
  }

  private static UnaryOperator<RuntimeBackend> answeringStatus(StatusResponse answer) {
    ByteString bytes = answer.toByteString();
    return runtime -> new AlteredResponses().of(runtime).answer("Status", bytes);
  }

  private static RuntimeCondition condition(String type) {
    return RuntimeCondition.newBuilder().setType(type).setReason(HUGE).setMessage(HUGE).build();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Version",
        "ListPodSandbox",
        "ListContainers",
        "ListImages",
        "UpdateRuntimeConfig"
      })
  void hugeErrorsAreTruncatedInStatusAndLog(String rpc) {
    Node node = Node.create();
    node.virtlet.failAlways(rpc, RpcStatus.of(Code.INTERNAL, HUGE));

    for (int i = 0; i < 3; i++) {
      node.clock.advance(Duration.ofSeconds(16));
      var unused = node.client.runtime().listContainers(ListContainersRequest.getDefaultInstance());
      node.client.images().listImages(ListImagesRequest.getDefaultInstance());
    }

    assertThat(status(node).getSerializedSize()).isLessThan(8 * KIBIBYTE);
    assertThat(log.lines()).allMatch(line -> bytes(line) < 2 * KIBIBYTE);
    assertThat(node.router.backends().get(1).reason()).satisfies(RuntimeMessageLimitsTest::isShort);
  }

  private static void isShort(String text) {
    assertThat(bytes(text)).as("bytes of a text").isLessThanOrEqualTo(KIBIBYTE);
  }

  @Test
  void hugeErrorsOfUnreachableRuntimesAreTruncated() {
    Node node = Node.create();
    node.virtlet.failAlways("PodSandboxStatus", RpcStatus.unreachable(HUGE));
    String pod = node.runOnVirtlet("a");

    RpcStatus end =
        RawCall.start(
                node.router,
                "PodSandboxStatus",
                PodSandboxStatusRequest.newBuilder().setPodSandboxId(pod).build().toByteString())
            .status();

    assertThat(end.code()).isEqualTo(Code.UNAVAILABLE);
    assertThat(bytes(end.message())).isLessThan(2 * KIBIBYTE);
    assertThat(log.lines()).allMatch(line -> bytes(line) < 2 * KIBIBYTE);
  }

  @Test
  void theStatusOfACallIsNotTruncated() {
    Node node = Node.create();
    String pod = node.runOnVirtlet("a");
    node.virtlet.failNext("PodSandboxStatus", Code.INTERNAL, HUGE);

    RpcStatus end =
        RawCall.start(
                node.router,
                "PodSandboxStatus",
                PodSandboxStatusRequest.newBuilder().setPodSandboxId(pod).build().toByteString())
            .status();

    assertThat(end.message()).isEqualTo(HUGE);
  }

  @Test
  void conditionsAreTruncatedToOneKibibyte() {
    StatusResponse.Builder answer = StatusResponse.newBuilder();
    answer.getStatusBuilder().addConditions(condition("RuntimeReady"));
    Node node = Node.builder().beforeVirtlet(answeringStatus(answer.build())).build();

    RuntimeCondition shown =
        status(node).getStatus().getConditionsList().stream()
            .filter(condition -> condition.getType().equals(VIRTLET + "/RuntimeReady"))
            .findFirst()
            .orElseThrow();

    assertThat(shown.getReason())
        .startsWith("€€€")
        .endsWith("characters)")
        .satisfies(t -> isShort(t));
    assertThat(shown.getMessage()).startsWith("€€€").satisfies(t -> isShort(t));
  }

  @Test
  void infoIsCompleteOrLeftOut() {
    String config = "{\"a\":\"" + "x".repeat(20 * KIBIBYTE) + "\"}";
    StatusResponse answer =
        StatusResponse.newBuilder().putInfo("config", config).putInfo("huge", HUGE).build();
    Node node = Node.builder().beforeVirtlet(answeringStatus(answer)).build();

    Map<String, String> info = status(node).getInfoMap();

    assertThat(info).containsEntry(VIRTLET + "/config", config);
    assertThat(info.get(VIRTLET + "/huge"))
        .isEqualTo("left out, since it is too long: " + HUGE.length() * 3 + " bytes");
  }

  @Test
  void theStatusResponseIsBounded() {
    StatusResponse.Builder answer = StatusResponse.newBuilder();
    for (int i = 0; i < 2000; i++) {
      answer
          .getStatusBuilder()
          .addConditions(
              RuntimeCondition.newBuilder().setType("C" + i).setMessage("m".repeat(2048)));
      answer.addRuntimeHandlers(RuntimeHandler.newBuilder().setName("x".repeat(900) + i));
      answer.putInfo("key" + i, "x".repeat(KIBIBYTE));
    }
    UnaryOperator<RuntimeBackend> talkative = answeringStatus(answer.build());
    Node node =
        Node.builder()
            .policy(RoutingPolicy.always(VIRTLET))
            .beforeVirtlet(talkative)
            .configure(builder -> addRuntimes(builder, 30, talkative))
            .build();

    StatusResponse status = status(node);

    assertThat(status.getSerializedSize()).isLessThan(MEBIBYTE + 16 * KIBIBYTE);
    assertThat(status.getStatus().getConditionsList())
        .as("the node's own conditions")
        .extracting(RuntimeCondition::getType)
        .startsWith("RuntimeReady", "NetworkReady");
    assertThat(status.getInfoMap()).containsKey("cri-router");
  }

  private static void addRuntimes(
      CriRouter.Builder builder, int count, UnaryOperator<RuntimeBackend> interceptor) {
    for (int i = 0; i < count; i++) {
      String name = "r" + i;
      builder.secondary(BackendName.of(name), interceptor.apply(FakeRuntime.create(name)));
    }
  }
}
