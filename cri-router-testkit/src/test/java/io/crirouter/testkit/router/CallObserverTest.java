package io.crirouter.testkit.router;

import static io.crirouter.testkit.router.Node.CONTAINERD;
import static io.crirouter.testkit.router.Node.VIRTLET;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.crirouter.core.BackendName;
import io.crirouter.core.CallObservation;
import io.crirouter.core.CallObserver;
import io.crirouter.core.CallPart;
import io.crirouter.core.CallRecord;
import io.crirouter.core.CallRoute;
import io.crirouter.core.CallRoute.Rule;
import io.crirouter.core.CriMethod;
import io.crirouter.core.CriRequest;
import io.crirouter.core.PodView;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.proto.v1.RunPodSandboxRequest;
import io.crirouter.proto.v1.StopContainerRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The observation of calls by embedders: decision, backends, status, time and bytes. */
class CallObserverTest {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final Duration BUDGET = Duration.ofMillis(500);
  private static final Duration UNTIL_LOST = Duration.ofSeconds(16);

  private final List<String> order = new ArrayList<>();
  private final List<CallRecord> records = new ArrayList<>();
  private final Node node =
      Node.builder().configure(builder -> builder.observer(this::observe)).build();

  private CallObservation observe(CriRequest request) {
    order.add("started " + request.method().name());
    return new CallObservation() {
      @Override
      public void routed(CallRoute route) {
        order.add("routed by " + route.rule());
      }

      @Override
      public void ended(CallRecord call) {
        order.add("ended " + call.status().code());
        records.add(call);
      }
    };
  }

  private CallRecord last() {
    return records.get(records.size() - 1);
  }

  private CallRoute route() {
    return last().route().orElseThrow();
  }

  private static CallPart part(CallRecord call, BackendName backend) {
    return call.parts().stream()
        .filter(part -> part.backend().equals(backend))
        .findFirst()
        .orElseThrow();
  }

  private RawCall start(String rpc, ByteString message) {
    return RawCall.start(node.router, rpc, message);
  }

  private static ByteString stop(String container) {
    return StopContainerRequest.newBuilder().setContainerId(container).build().toByteString();
  }

  static List<CriMethod> rpcs() {
    return CriMethod.all();
  }

  @ParameterizedTest
  @MethodSource("rpcs")
  void everyRpcIsObserved(CriMethod rpc) {
    RawCall call = start(rpc.name(), ByteString.EMPTY);
    call.cancel("the test has seen enough");

    assertThat(order).startsWith("started " + rpc.name()).hasSizeBetween(2, 3);
    assertThat(records).hasSize(1);
    assertThat(last().method()).isEqualTo(rpc);
    assertThat(last().status()).isEqualTo(call.status());
    assertThat(order.size() == 3)
        .as("a call that was not refused has a route")
        .isEqualTo(last().route().isPresent());
  }

  @Test
  void theRouteOfANewPodHasItsPolicy() {
    node.runOnVirtlet("special");

    assertThat(order).containsExactly("started RunPodSandbox", "routed by POLICY", "ended OK");
    assertThat(route().backends()).containsExactly(VIRTLET);
    assertThat(route().policy()).hasToString("Optional[annotation(kubernetes.io/target-runtime)]");
    assertThat(route().pod()).map(PodView::uid).contains("special-uid");
    assertThat(route())
        .hasToString(
            "pod default/special: virtlet.cloud by policy"
                + " annotation(kubernetes.io/target-runtime)");
    assertThat(last().parts()).extracting(CallPart::backend).containsExactly(VIRTLET);
  }

  @Test
  void aPodWithoutADecisionIsRoutedToThePrimaryByDefault() {
    node.runOnContainerd("web");

    assertThat(route().rule()).isEqualTo(Rule.DEFAULT);
    assertThat(route().backends()).containsExactly(CONTAINERD);
    assertThat(route().policy()).isEmpty();
  }

  @Test
  void theRouteOfAPlacedPodIsItsPlacement() {
    node.runOnVirtlet("special");
    node.run(Pods.nextSandboxOf(Pods.plain("special")));

    assertThat(route().rule()).isEqualTo(Rule.PLACED_BEFORE);
    assertThat(route().backends()).containsExactly(VIRTLET);
  }

  @Test
  void theRouteOfACallByIdHasTheOwnerAndTheId() {
    String container = node.start(node.runOnVirtlet("special"), "main");

    start("StopContainer", stop(container));

    assertThat(route().rule()).isEqualTo(Rule.OWNER);
    assertThat(route().backends()).containsExactly(VIRTLET);
    assertThat(route().subject()).isEqualTo(container);
  }

  @Test
  void theSubjectOfARouteIsClipped() {
    start("StopContainer", stop("f".repeat(10_000)));

    assertThat(route().subject()).hasSize(256);
  }

  @Test
  void aPartHasTheTimeAndBytesOfItsRuntime() {
    String container = node.start(node.runOnVirtlet("special"), "main");
    node.virtlet.delay("ContainerStatus", Duration.ofSeconds(2));
    node.clock.advance(Duration.ofSeconds(1));
    Instant before = node.clock.now();

    RawCall status = start("ContainerStatus", stop(container));
    node.clock.advance(Duration.ofSeconds(2));

    CallPart part = part(last(), VIRTLET);
    assertThat(last().startedAt()).isEqualTo(before).isAfter(START);
    assertThat(last().latency()).isEqualTo(Duration.ofSeconds(2));
    assertThat(part.latency()).isEqualTo(Duration.ofSeconds(2));
    assertThat(part.startedAfter()).isZero();
    assertThat(last().requestBytes()).isEqualTo(stop(container).size());
    assertThat(part.requestBytes())
        .as("without the id prefix")
        .isEqualTo(stop(container).size() - "virt__".length());
    assertThat(last().responses()).isEqualTo(1);
    assertThat(last().responseBytes()).isEqualTo(status.answer().size());
    assertThat(part.responseBytes()).isEqualTo(status.answer().size());
  }

  @Test
  void aMergedListHasAPartForEachBackend() {
    node.runOnVirtlet("special");

    start("ListPodSandbox", ByteString.EMPTY);

    assertThat(route().rule()).isEqualTo(Rule.ALL);
    assertThat(route().backends()).containsExactly(CONTAINERD, VIRTLET);
    assertThat(last().parts()).extracting(CallPart::backend).containsExactly(CONTAINERD, VIRTLET);
    assertThat(last().parts()).allMatch(part -> part.wasSent() && part.status().isOk());
    assertThat(last().parts()).noneMatch(part -> part.isLastKnown() || part.missedBudget());
  }

  @Test
  void aMissedBudgetIsReportedWithItsSubstitute() {
    node.runOnVirtlet("special");
    node.virtlet.delay("ListPodSandbox", Duration.ofSeconds(2));

    start("ListPodSandbox", ByteString.EMPTY);
    node.clock.advance(Duration.ofSeconds(2));

    CallPart late = part(last(), VIRTLET);
    assertThat(last().status().code()).isEqualTo(Code.OK);
    assertThat(late.wasSent()).isTrue();
    assertThat(late.missedBudget()).isTrue();
    assertThat(late.isLastKnown()).isTrue();
    assertThat(late.latency()).isEqualTo(BUDGET);
    assertThat(late.status().code()).isEqualTo(Code.UNAVAILABLE);
    assertThat(part(last(), CONTAINERD).missedBudget()).isFalse();
  }

  @Test
  void aLostBackendIsNotCalledAndItsLastKnownStateIsTheSubstitute() {
    node.runOnVirtlet("special");
    node.virtlet.down();

    start("ListPodSandbox", ByteString.EMPTY);

    CallPart lost = part(last(), VIRTLET);
    assertThat(lost.wasSent()).isFalse();
    assertThat(lost.isLastKnown()).isTrue();
    assertThat(lost.missedBudget()).isFalse();
    assertThat(lost.status().message()).contains("virtlet.cloud").contains("is down");
  }

  @Test
  void aCallRefusedByTheGateHasAPartThatWasNotSent() {
    String container = node.start(node.runOnVirtlet("special"), "main");
    node.virtlet.hang();
    node.clock.advance(UNTIL_LOST);

    start("StopContainer", stop(container));

    CallPart refused = part(last(), VIRTLET);
    assertThat(last().status().code()).isEqualTo(Code.UNAVAILABLE);
    assertThat(refused.status()).isEqualTo(last().status());
    assertThat(refused.wasSent()).isFalse();
    assertThat(refused.requestBytes()).isZero();
  }

  @Test
  void theTimeThatAPodWaitsForItsBackendIsInItsPart() {
    Node late =
        Node.builder()
            .virtletStartsLate()
            .configure(builder -> builder.observer(this::observe))
            .build();
    late.virtlet.delay("Version", Duration.ofSeconds(2));
    late.virtlet.up();
    RawCall run =
        RawCall.start(
            late.router,
            "RunPodSandbox",
            RunPodSandboxRequest.newBuilder()
                .setConfig(Pods.on(VIRTLET, "special"))
                .build()
                .toByteString());
    late.clock.advance(Duration.ofSeconds(4));

    assertThat(run.status().code()).isEqualTo(Code.OK);
    assertThat(last().parts()).hasSize(1);
    assertThat(part(last(), VIRTLET).wasSent()).isTrue();
    assertThat(part(last(), VIRTLET).startedAfter()).isGreaterThanOrEqualTo(Duration.ofSeconds(1));
    assertThat(part(last(), VIRTLET).latency()).isZero();
  }

  @Test
  void theSearchBeforeARemovalIsAPartWithItsOwnRpc() {
    ImageCalls images = new ImageCalls(node.client);
    String id = images.status("busybox").orElseThrow();

    images.remove(id);

    assertThat(last().parts())
        .extracting(part -> part.method().name() + " at " + part.backend())
        .containsExactly(
            "ImageStatus at containerd",
            "ImageStatus at virtlet.cloud",
            "RemoveImage at containerd",
            "RemoveImage at virtlet.cloud");
  }

  @Test
  void aRefusedCallHasNoRoute() {
    RawCall run =
        start(
            "RunPodSandbox",
            RunPodSandboxRequest.newBuilder()
                .setConfig(Pods.on("nobody.example", "special"))
                .build()
                .toByteString());

    assertThat(order).containsExactly("started RunPodSandbox", "ended FAILED_PRECONDITION");
    assertThat(last().route()).isEmpty();
    assertThat(last().parts()).isEmpty();
    assertThat(last().status()).isEqualTo(run.status());
  }

  @Test
  void aCancelledListHasNoPartOfOpenBackends() {
    node.runOnVirtlet("special");
    node.containerd.hang("ListPodSandbox");

    start("ListPodSandbox", ByteString.EMPTY).cancel("the client left");

    assertThat(last().status().code()).isEqualTo(Code.CANCELLED);
    assertThat(part(last(), CONTAINERD).status().code()).isEqualTo(Code.CANCELLED);
    assertThat(part(last(), VIRTLET).status().code()).isEqualTo(Code.OK);
  }

  @Test
  void severalObserversAreIndependent() {
    List<CallRecord> all = new ArrayList<>();
    List<CallRecord> versions = new ArrayList<>();
    Node watched =
        Node.builder()
            .configure(
                builder ->
                    builder
                        .observer(CallObserver.whenEnded(all::add))
                        .observer(
                            request ->
                                request.method().name().equals("Version")
                                    ? CallObserver.whenEnded(versions::add).started(request)
                                    : CallObservation.NONE))
            .build();

    RawCall.start(watched.router, "Version", ByteString.EMPTY);
    RawCall.start(watched.router, "ListImages", ByteString.EMPTY);

    assertThat(all)
        .extracting(call -> call.method().name())
        .containsExactly("Version", "ListImages");
    assertThat(versions)
        .extracting(CallRecord::route)
        .extracting(Optional::isPresent)
        .containsExactly(true);
    assertThat(versions).extracting(call -> call.method().name()).containsExactly("Version");
  }
}
