package io.crirouter.testkit.router;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.crirouter.core.BackendState;
import io.crirouter.core.CriMethod;
import io.crirouter.core.CriRequest;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.proto.v1.ContainerStatusRequest;
import io.crirouter.proto.v1.ListPodSandboxResponse;
import io.crirouter.proto.v1.PodSandbox;
import io.crirouter.proto.v1.PodSandboxStatusRequest;
import io.crirouter.proto.v1.RunPodSandboxRequest;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One row and one fault of the table: two nodes that differ only in the fault, and the call of the
 * row at both.
 */
final class MatrixCase implements AutoCloseable {
  private static final Duration STEP = Duration.ofMillis(50);
  private static final Duration LIST_BUDGET = Duration.ofMillis(500);
  private static final Duration TEN_MINUTES = Duration.ofMinutes(10);
  private static final Duration QUIET_TIME = Duration.ofMinutes(2);

  /** Probes of a hung runtime, and background queries. */
  private static final int MAX_OPEN_CALLS = 3;

  private final MatrixRow row;
  private final Fault fault;
  private final FaultyNode node = new FaultyNode();
  private final FaultyNode twin = new FaultyNode();
  private final CriRequest request;
  private final CriRequest requestOfTwin;
  private long startedAt;
  private int callsBefore;
  private @Nullable RawCall call;

  MatrixCase(MatrixRow row, Fault fault) {
    this.row = row;
    this.fault = fault;
    request = request(node);
    requestOfTwin = request(twin);
  }

  /** The request. As from a kubelet, only GetContainerEvents has no deadline. */
  private CriRequest request(FaultyNode of) {
    CriRequest unlimited = CriRequest.of(CriMethod.of(row.rpc()), row.request().apply(of));
    return row.rpc().equals("GetContainerEvents")
        ? unlimited
        : unlimited.withTimeoutNanos(FaultyNode.DEADLINE.toNanos());
  }

  /** The outcome in the words of the table, or other words if it is not an allowed outcome. */
  String outcome() throws Exception {
    try {
      return row.reading().outcome(this);
    } catch (InvalidProtocolBufferException e) {
      return "a malformed response";
    } catch (RuntimeException | AssertionError e) {
      return "exception: " + e;
    }
  }

  Fault fault() {
    return fault;
  }

  FaultyNode node() {
    return node;
  }

  MatrixRow row() {
    return row;
  }

  /** The response before the fault. */
  ByteString answerBefore() {
    return RawCall.start(node.router(), request).answer();
  }

  /** The response of the node without the fault. */
  ByteString answerWithoutFault() {
    twin.clock().advance(Duration.ofNanos(node.clock().nanoTime() - twin.clock().nanoTime()));
    return RawCall.start(twin.router(), requestOfTwin).answer();
  }

  /** Adds a pod of the faulty runtime that the router does not know. */
  void addUnknownPod() {
    node.addUnknownPod();
    twin.addUnknownPod();
  }

  void beginFault() {
    fault.begin(node, row.faultyRpc());
    node.clock().advance(fault.detectionTime());
  }

  /** Starts the call. */
  RawCall start() {
    startedAt = node.clock().nanoTime();
    callsBefore = node.faulty().journal().calls().size();
    RawCall started = RawCall.start(node.router(), request);
    call = started;
    return started;
  }

  /** Begins the fault, makes the call and advances the clock until it ends. */
  RpcStatus finish() {
    beginFault();
    RawCall started = start();
    while (!started.isClosed() && elapsed().compareTo(FaultyNode.DEADLINE) <= 0) {
      node.clock().advance(STEP);
    }
    assertThat(started.isClosed()).as("the call is over at its deadline").isTrue();
    return started.status();
  }

  /** The time since the start of the call. */
  Duration elapsed() {
    return Duration.ofNanos(node.clock().nanoTime() - startedAt);
  }

  /** Whether the faulty runtime got {@code rpc} since the start of the call. */
  boolean wasCalled(String rpc) {
    return node.faulty().journal().calls().stream()
        .skip(callsBefore)
        .anyMatch(requestedImages -> requestedImages.name().equals(rpc));
  }

  ByteString answer() {
    return startedCall().answer();
  }

  RpcStatus status() {
    return startedCall().status();
  }

  private RawCall startedCall() {
    RawCall started = call;
    if (started == null) {
      throw new AssertionError("no call was started");
    }
    return started;
  }

  /** The words of the table for a call that failed. */
  String failure(RpcStatus status) {
    boolean passed =
        fault.status().map(own -> own.code() == status.code()).orElse(false)
            && fault.status().map(own -> own.message().equals(status.message())).orElse(false);
    if (passed) {
      return "passes unchanged";
    }
    if (status.code() == Code.DEADLINE_EXCEEDED && elapsed().compareTo(FaultyNode.DEADLINE) >= 0) {
      return "the caller's deadline";
    }
    if (!status.message().contains(FaultyNode.FAULTY)) {
      return status.toString();
    }
    boolean atOnce = elapsed().isZero() && !wasCalled(row.rpc());
    return status.code() == Code.UNAVAILABLE && atOnce
        ? "UNAVAILABLE at once"
        : status.code() + " naming it";
  }

  /** Asserts that a fault of one rpc does not affect other calls. */
  void assertRestOfNodeIsHealthy() throws Exception {
    RawCall list = start("ListPodSandbox", ByteString.EMPTY);
    node.clock().advance(LIST_BUDGET);
    List<String> pods =
        ListPodSandboxResponse.parseFrom(list.answer()).getItemsList().stream()
            .map(PodSandbox::getId)
            .toList();
    for (String well : List.of(FaultyNode.PRIMARY, FaultyNode.HEALTHY)) {
      String pod = node.id(well, "pod");
      assertThat(pods.stream().filter(pod::equals))
          .as("the pod of %s in the list", well)
          .hasSize(1);
      assertAnswered(
          "PodSandboxStatus",
          PodSandboxStatusRequest.newBuilder().setPodSandboxId(pod).build().toByteString());
      assertAnswered(
          "RunPodSandbox",
          RunPodSandboxRequest.newBuilder()
              .setConfig(FaultyNode.pod(well, "later"))
              .build()
              .toByteString());
    }
    if (!fault.affectsWholeRuntime() && !row.faultyRpc().equals("Version")) {
      assertOtherCallsReachTheFaultyRuntime();
    }
  }

  private void assertOtherCallsReachTheFaultyRuntime() {
    assertThat(phase()).as("its phase").isEqualTo(BackendState.Phase.READY);
    if (row.faultyRpc().equals("ContainerStatus")) {
      assertAnswered(
          "PodSandboxStatus",
          PodSandboxStatusRequest.newBuilder()
              .setPodSandboxId(node.id(FaultyNode.FAULTY, "bystander"))
              .build()
              .toByteString());
    } else {
      assertAnswered(
          "ContainerStatus",
          ContainerStatusRequest.newBuilder()
              .setContainerId(node.id(FaultyNode.FAULTY, "bystander/main"))
              .build()
              .toByteString());
    }
  }

  private BackendState.Phase phase() {
    return node.router().backends().stream()
        .filter(state -> state.name().value().equals(FaultyNode.FAULTY))
        .map(BackendState::phase)
        .findFirst()
        .orElseThrow();
  }

  private RawCall start(String rpc, ByteString message) {
    return RawCall.start(node.router(), rpc, message);
  }

  private void assertAnswered(String rpc, ByteString message) {
    RawCall other = start(rpc, message);
    assertThat(other.isClosed()).as("%s, at once", rpc).isTrue();
    assertThat(other.status().isOk()).as("%s: %s", rpc, other.status()).isTrue();
  }

  /** Asserts that calls and tasks are bounded during the fault and end after it. */
  void assertEverythingEnds() {
    if (call != null) {
      call.cancel();
    }
    node.clock().advance(TEN_MINUTES);
    assertThat(openCalls()).as("open calls to it").isLessThanOrEqualTo(MAX_OPEN_CALLS);
    assertThat(node.clock().pendingTasks())
        .as("tasks while the fault lasts")
        .isLessThanOrEqualTo(node.idleTasks() + MAX_OPEN_CALLS);

    endFault();
    node.clock().advance(QUIET_TIME);
    assertThat(openCalls()).as("open calls after the fault").isZero();
    assertThat(node.clock().pendingTasks()).as("tasks after the fault").isEqualTo(node.idleTasks());
    assertThat(phase()).as("its phase after the fault").isEqualTo(BackendState.Phase.READY);
  }

  void endFault() {
    Fault.end(node);
  }

  private long openCalls() {
    return node.faulty().journal().calls().stream()
        .filter(startedCall -> startedCall.status().isEmpty())
        .count();
  }

  @Override
  public void close() {
    node.close();
    twin.close();
  }

  @Override
  public String toString() {
    return row + " × " + fault;
  }
}
