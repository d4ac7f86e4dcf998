package io.crirouter.testkit;

import static io.crirouter.testkit.GrpcAssertions.assertFails;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.protobuf.ByteString;
import io.crirouter.core.CallMetadata;
import io.crirouter.core.CriMethod;
import io.crirouter.core.CriRequest;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Origin;
import io.crirouter.proto.v1.ContainerEventResponse;
import io.crirouter.proto.v1.ListPodSandboxRequest;
import io.crirouter.proto.v1.ListPodSandboxResponse;
import io.crirouter.proto.v1.RunPodSandboxRequest;
import io.crirouter.proto.v1.RunPodSandboxResponse;
import io.crirouter.proto.v1.RuntimeServiceGrpc;
import io.crirouter.proto.v1.VersionRequest;
import io.crirouter.proto.v1.VersionResponse;
import io.grpc.Status.Code;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class FakeRuntimeFaultTest {
  private static final CriMethod VERSION = CriMethod.of("Version");

  private final ManualScheduler time = new ManualScheduler();
  private final FakeRuntime runtime = FakeRuntime.named("vm").scheduler(time).build();
  private final CriClient client = CriClient.of(runtime);

  @Test
  void failNextFailsTheNextCallsWithoutCarryingThemOut() {
    runtime.failNext("RunPodSandbox", RpcStatus.Code.INTERNAL, "disk full");
    runtime.failNext("RunPodSandbox", RpcStatus.Code.ABORTED, "try again");

    assertFails(() -> Requests.runPod(client, "web"), Code.INTERNAL, "disk full");
    assertFails(() -> Requests.runPod(client, "web"), Code.ABORTED, "try again");
    assertThat(runtime.pods()).isEmpty();
    assertThat(Requests.runPod(client, "web")).isNotEmpty();
  }

  @Test
  void anInjectedStatusHasTheOriginRuntimeAndItsTrailers() {
    CallMetadata trailers = CallMetadata.EMPTY.with("x", ByteString.copyFromUtf8("y"));
    runtime.failNext(
        "Version", RpcStatus.of(RpcStatus.Code.NOT_FOUND, "gone").withTrailers(trailers));

    RpcStatus status = RawResponse.of(runtime, VERSION).status();

    assertThat(status.origin()).isEqualTo(Origin.RUNTIME);
    assertThat(status.trailers()).isEqualTo(trailers);
  }

  @Test
  void failAlwaysFailsAnRpcUntilHeal() {
    runtime.failAlways("Version", RpcStatus.of(RpcStatus.Code.INTERNAL, "broken"));

    assertFails(this::version, Code.INTERNAL, "broken");
    assertFails(this::version, Code.INTERNAL, "broken");
    runtime.heal();
    assertThat(version().getRuntimeName()).isEqualTo("vm");
  }

  @Test
  void aReactionCanDependOnTheRequest() {
    runtime.dispatch(
        CallMatcher.rpc("RunPodSandbox").forPod("x"),
        Reaction.fail(RpcStatus.Code.INTERNAL, "no x here"));

    assertThat(Requests.runPod(client, "web")).isNotEmpty();
    assertFails(() -> Requests.runPod(client, "x"), Code.INTERNAL, "no x here");
    assertThat(runtime.pods()).hasSize(1);
    runtime.heal();
    assertThat(Requests.runPod(client, "x")).isNotEmpty();
  }

  @Test
  void aDispatcherCanChooseAnyReaction() {
    runtime.dispatch(
        call ->
            Optional.ofNullable(
                switch (call.request(RunPodSandboxRequest.class)
                    .getConfig()
                    .getMetadata()
                    .getName()) {
                  case "answered" ->
                      Reaction.respond(
                          RunPodSandboxResponse.newBuilder().setPodSandboxId("made up").build());
                  case "lost" -> Reaction.loseAnswer();
                  case "late" -> Reaction.carryOut().after(Duration.ofSeconds(3));
                  case "refused late" ->
                      Reaction.fail(RpcStatus.Code.ABORTED, "no").after(Duration.ofSeconds(3));
                  default -> null;
                }));

    assertThat(Requests.runPod(client, "answered")).isEqualTo("made up");
    assertFails(() -> Requests.runPod(client, "lost"), Code.UNAVAILABLE);
    assertThat(runtime.pods()).as("carried out").hasSize(1);
    RawResponse late = RawResponse.of(runtime, run("late"));
    RawResponse refused = RawResponse.of(runtime, run("refused late"));
    assertThat(runtime.pods()).as("carried out at once").hasSize(2);
    time.advance(Duration.ofMillis(2999));
    assertThat(late.isClosed()).isFalse();
    assertThat(refused.isClosed()).isFalse();
    time.advance(Duration.ofMillis(1));
    assertThat(late.status()).isEqualTo(RpcStatus.OK);
    assertThat(refused.status().code()).isEqualTo(RpcStatus.Code.ABORTED);
    assertThat(Requests.runPod(client, "plain")).isNotEmpty();
  }

  private static CriRequest run(String pod) {
    return CriRequest.of(CriMethod.of("RunPodSandbox"), Requests.pod(pod).toByteString());
  }

  @Test
  void failNextPrecedesDispatchersAndTheyPrecedeFailAlways() {
    runtime.failAlways("Version", RpcStatus.of(RpcStatus.Code.ABORTED, "always"));
    runtime.dispatch(CallMatcher.any(), Reaction.fail(RpcStatus.Code.ABORTED, "first"));
    runtime.dispatch(
        CallMatcher.rpc("Version"), Reaction.fail(RpcStatus.Code.ABORTED, "added last"));
    runtime.failNext("Version", RpcStatus.Code.ABORTED, "next");

    assertFails(this::version, Code.ABORTED, "next");
    assertFails(this::version, Code.ABORTED, "added last");
    assertFails(() -> Requests.runPod(client, "web"), Code.ABORTED, "first");
  }

  @Test
  void aDispatcherThatThrowsFailsTheCallWithTheReason() {
    runtime.dispatch(
        call -> {
          throw new AssertionError("not " + call.name());
        });

    assertFails(this::version, Code.INTERNAL, "dispatcher", "not Version");
  }

  @Test
  void unknownRpcsAndOkStatusesAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> runtime.failNext("Vershun", RpcStatus.Code.INTERNAL, ""))
        .withMessageContaining("Vershun");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> runtime.failAlways("Version", RpcStatus.OK));
  }

  @Test
  void aResponseCanBeAnyBytes() {
    runtime.respondWithBytes("Version", ByteString.copyFromUtf8("\u0001garbage"));

    assertThat(RawResponse.of(runtime, VERSION).messages)
        .containsExactly(ByteString.copyFromUtf8("\u0001garbage"));
    assertThat(version().getRuntimeName()).as("once").isEqualTo("vm");

    runtime.respondWithBytes("Version", ByteString.copyFromUtf8("\u0001garbage"));
    assertFails(this::version, Code.INTERNAL);
  }

  @Test
  void aDelayedResponseHasTheStateAtTheTimeOfTheCall() {
    runtime.delay("ListPodSandbox", Duration.ofSeconds(3));
    ResponseStream<ListPodSandboxResponse> list =
        client.stream(
            RuntimeServiceGrpc.getListPodSandboxMethod(),
            ListPodSandboxRequest.getDefaultInstance());
    Requests.runPod(client, "later");

    time.advance(Duration.ofMillis(2_999));
    assertThat(list.poll()).isEmpty();
    time.advance(Duration.ofMillis(1));
    assertThat(list.next().getItemsList()).isEmpty();
  }

  @Test
  void aCallWithALostResponseIsCarriedOut() {
    runtime.loseNextAnswer("RunPodSandbox");

    assertFails(() -> Requests.runPod(client, "web"), Code.UNAVAILABLE, "vm");
    assertThat(runtime.pods()).hasSize(1);
  }

  @Test
  void aHungRuntimeCarriesOutCallsAfterResume() {
    runtime.hang();
    ResponseStream<RunPodSandboxResponse> run = startPod("web");
    assertThat(runtime.pods()).isEmpty();
    assertThat(run.poll()).isEmpty();

    runtime.resume();

    assertThat(run.next().getPodSandboxId()).isNotEmpty();
    assertThat(runtime.pods()).hasSize(1);
  }

  @Test
  void aCallCancelledDuringAHangIsNotCarriedOut() {
    runtime.hang();
    ResponseStream<RunPodSandboxResponse> run = startPod("web");
    run.close();
    runtime.resume();

    assertThat(runtime.pods()).isEmpty();
    assertThat(runtime.journal().takeCall("RunPodSandbox").awaitStatus().code())
        .isEqualTo(RpcStatus.Code.CANCELLED);
  }

  @Test
  void aHungRpcDoesNotAffectOthers() {
    runtime.hang("ListPodSandbox");
    ResponseStream<ListPodSandboxResponse> list =
        client.stream(
            RuntimeServiceGrpc.getListPodSandboxMethod(),
            ListPodSandboxRequest.getDefaultInstance());

    assertThat(version().getRuntimeName()).isEqualTo("vm");
    assertThat(list.poll()).isEmpty();
    runtime.resume();
    assertThat(list.next().getItemsList()).isEmpty();
  }

  @Test
  void aStreamIsHeldBackDuringAHang() {
    try (ResponseStream<ContainerEventResponse> events = client.events()) {
      runtime.hang("GetContainerEvents");
      String pod = Requests.runPod(client, "web");
      assertThat(events.poll()).isEmpty();

      runtime.resume();
      assertThat(events.next().getContainerId()).isEqualTo(pod);
    }
  }

  @Test
  void resumeDoesNotRepeatCalls() {
    runtime.delay("RunPodSandbox", Duration.ofSeconds(1));
    try (ResponseStream<ContainerEventResponse> events = client.events();
        ResponseStream<RunPodSandboxResponse> run = startPod("web")) {
      runtime.hang();
      runtime.resume();
      time.advance(Duration.ofSeconds(1));

      assertThat(run.next().getPodSandboxId()).isEqualTo(events.next().getContainerId());
      assertThat(runtime.eventSubscribers()).isEqualTo(1);
    }
  }

  @Test
  void theTimeoutOfACallIsEnforcedDuringFaults() {
    runtime.hang();
    RawResponse hung = RawResponse.of(runtime, within(Duration.ofSeconds(2)));
    time.advance(Duration.ofSeconds(2));
    assertThat(hung.status().code()).isEqualTo(RpcStatus.Code.DEADLINE_EXCEEDED);
    assertThat(hung.status().origin()).isEqualTo(Origin.ROUTER);
    runtime.resume();

    runtime.delay("Version", Duration.ofSeconds(5));
    RawResponse slow = RawResponse.of(runtime, within(Duration.ofSeconds(2)));
    time.advance(Duration.ofSeconds(10));
    assertThat(slow.status().code()).isEqualTo(RpcStatus.Code.DEADLINE_EXCEEDED);

    runtime.heal();
    RawResponse late = RawResponse.of(runtime, within(Duration.ZERO));
    assertThat(late.status().code()).isEqualTo(RpcStatus.Code.DEADLINE_EXCEEDED);
    assertThat(time.pendingTasks()).as("no timer outlives its call").isZero();
  }

  @Test
  void aRuntimeThatIsDownIsUnreachableAndKeepsItsState() {
    String pod = Requests.runPod(client, "web");
    runtime.hang();
    RawResponse open = RawResponse.of(runtime, VERSION);
    runtime.down();

    assertThat(open.status().isUnreachable()).isTrue();
    assertThat(RawResponse.of(runtime, VERSION).status().isUnreachable())
        .as("down precedes hung")
        .isTrue();
    assertFails(this::version, Code.UNAVAILABLE, "vm");

    runtime.up();
    runtime.resume();
    assertThat(version().getRuntimeName()).isEqualTo("vm");
    assertThat(runtime.pods()).extracting(item -> item.getId()).containsExactly(pod);
  }

  @Test
  void reachabilityChangesNotifyTheListener() {
    AtomicInteger notifications = new AtomicInteger();
    runtime.onReachabilityChange(notifications::incrementAndGet);
    runtime.down();
    runtime.up();
    assertThat(notifications).hasValue(2);
  }

  private VersionResponse version() {
    return client.runtime().version(VersionRequest.getDefaultInstance());
  }

  private ResponseStream<RunPodSandboxResponse> startPod(String name) {
    return client.stream(RuntimeServiceGrpc.getRunPodSandboxMethod(), Requests.pod(name));
  }

  private static CriRequest within(Duration limit) {
    return CriRequest.of(VERSION, ByteString.EMPTY).withTimeoutNanos(limit.toNanos());
  }
}
