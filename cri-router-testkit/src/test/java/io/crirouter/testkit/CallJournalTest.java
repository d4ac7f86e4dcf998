package io.crirouter.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.protobuf.ByteString;
import io.crirouter.core.CallMetadata;
import io.crirouter.core.CriMethod;
import io.crirouter.core.CriRequest;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.proto.v1.AuthConfig;
import io.crirouter.proto.v1.PodSandboxStatusRequest;
import io.crirouter.proto.v1.PullImageRequest;
import io.crirouter.proto.v1.StatusRequest;
import io.crirouter.proto.v1.VersionRequest;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class CallJournalTest {
  private static final CriMethod VERSION = CriMethod.of("Version");
  private static final CriMethod STATUS = CriMethod.of("Status");

  private final FakeRuntime runtime = FakeRuntime.create("vm");
  private final CallJournal journal = runtime.journal();

  @Test
  void aCallIsRecordedWithItsRequestAndStatus() {
    CallMetadata headers = CallMetadata.EMPTY.with("traceparent", ByteString.copyFromUtf8("00"));
    VersionRequest message = VersionRequest.newBuilder().setVersion("0.1.0").build();
    RawResponse.of(
        runtime,
        CriRequest.of(VERSION, message.toByteString())
            .withTimeoutNanos(5_000_000_000L)
            .withMetadata(headers));

    RecordedCall call = journal.takeCall();
    assertThat(call.method()).isEqualTo(VERSION);
    assertThat(call.name()).isEqualTo("Version");
    assertThat(call.request()).isEqualTo(message);
    assertThat(call.request(VersionRequest.class).getVersion()).isEqualTo("0.1.0");
    assertThat(call.bytes()).isEqualTo(message.toByteString());
    assertThat(call.metadata()).isEqualTo(headers);
    assertThat(call.timeoutNanos()).isEqualTo(5_000_000_000L);
    assertThat(call.status()).contains(RpcStatus.OK);
    assertThat(call).hasToString("Version within PT5S -> OK");
  }

  @Test
  void aFailedCallIsRecordedWithItsStatus() {
    RawResponse.of(
        runtime,
        CriRequest.of(
            CriMethod.of("PodSandboxStatus"),
            PodSandboxStatusRequest.newBuilder().setPodSandboxId("x").build().toByteString()));

    assertThat(journal.takeCall().awaitStatus().code()).isEqualTo(Code.NOT_FOUND);
  }

  @Test
  void anOpenCallHasNoStatus() {
    runtime.hang();
    RawResponse.of(runtime, VERSION);
    RecordedCall call = journal.takeCall();
    assertThat(call.status()).isEmpty();

    CompletableFuture<RpcStatus> end = CompletableFuture.supplyAsync(call::awaitStatus);
    runtime.resume();
    assertThat(end.join()).isEqualTo(RpcStatus.OK);
  }

  @Test
  void callsAreTakenOnceInOrderOrByRpc() {
    RawResponse.of(runtime, VERSION);
    RawResponse.of(runtime, STATUS);
    RawResponse.of(runtime, VERSION);

    assertThat(journal.takeCall("Status").name()).isEqualTo("Status");
    assertThat(journal.takeCall().name()).isEqualTo("Version");
    assertThat(journal.takeCall().name()).isEqualTo("Version");
    assertThat(journal.calls()).hasSize(3);
    assertThat(journal.callsOf("Version")).hasSize(2);

    journal.clear();
    assertThat(journal.calls()).isEmpty();
  }

  @Test
  void takingWaitsForACall() {
    CompletableFuture<RecordedCall> taken =
        CompletableFuture.supplyAsync(() -> journal.takeCall("Status"));
    RawResponse.of(runtime, VERSION);
    RawResponse.of(runtime, STATUS);

    assertThat(taken.join().name()).isEqualTo("Status");
  }

  @Test
  void aRequestOfAnotherTypeOrAMalformedOneFailsTheTest() {
    RawResponse.of(runtime, CriRequest.of(VERSION, ByteString.copyFrom(new byte[] {0x0a, 0x7f})));
    RecordedCall malformed = journal.takeCall();
    assertThatExceptionOfType(AssertionError.class)
        .isThrownBy(malformed::request)
        .withMessageContaining("Version");
    assertThat(malformed.status().get().code()).isEqualTo(Code.INVALID_ARGUMENT);

    RawResponse.of(runtime, VERSION);
    RecordedCall call = journal.takeCall();
    assertThatExceptionOfType(AssertionError.class)
        .isThrownBy(() -> call.request(StatusRequest.class))
        .withMessageContaining("VersionRequest");
    assertThatIllegalArgumentException().isThrownBy(() -> journal.callsOf("NoSuchRpc"));
  }

  @Test
  void takeCallHasATimeout() {
    RawResponse.of(runtime, VERSION);

    assertThatExceptionOfType(AssertionError.class)
        .isThrownBy(() -> journal.takeCall("Status", Duration.ofMillis(20)))
        .withMessageContainingAll("no further Status", "vm", "20 ms", "Version -> OK");
    assertThat(journal.takeCall(Duration.ZERO).name()).isEqualTo("Version");
    assertThatExceptionOfType(AssertionError.class)
        .isThrownBy(() -> journal.takeCall(Duration.ZERO))
        .withMessageContaining("0 s");
  }

  @Test
  void countsOfCallsAreVerified() {
    RawResponse.of(runtime, VERSION);
    RawResponse.of(runtime, VERSION);
    RawResponse.of(runtime, sandboxStatus("x"));

    journal.verify(2, CallMatcher.rpc("Version"));
    journal.verify(0, CallMatcher.rpc("Status"));
    journal.verify(1, CallMatcher.any().endedWith(Code.NOT_FOUND).about("x"));
    assertThatExceptionOfType(AssertionError.class)
        .isThrownBy(() -> journal.verify(1, CallMatcher.rpc("Version").at("vm")))
        .withMessageContainingAll(
            "vm: expected 1 calls that match Version at vm, but found 2",
            "vm  PodSandboxStatus x -> NOT_FOUND");
  }

  private static CriRequest sandboxStatus(String id) {
    return CriRequest.of(
        CriMethod.of("PodSandboxStatus"),
        PodSandboxStatusRequest.newBuilder().setPodSandboxId(id).build().toByteString());
  }

  @Test
  void theTimelineHasTheCallsInOrderWithoutSecrets() {
    assertThat(journal.timeline()).isEqualTo("no calls");
    String longId = "0123456789abcdef".repeat(4);
    RawResponse.of(runtime, sandboxStatus(longId));
    RawResponse.of(runtime, sandboxStatus("virt__" + longId));
    PullImageRequest pull =
        PullImageRequest.newBuilder()
            .setImage(Requests.spec("busybox"))
            .setAuth(AuthConfig.newBuilder().setPassword("secret"))
            .build();
    RawResponse.of(runtime, CriRequest.of(CriMethod.of("PullImage"), pull.toByteString()));
    RawResponse.of(
        runtime, CriRequest.of(CriMethod.of("RunPodSandbox"), Requests.pod("web").toByteString()));
    RawResponse.of(runtime, CriMethod.of("GetContainerEvents"));

    assertThat(journal.timeline().lines().map(line -> line.replaceAll("\\d+ ms", "T").strip()))
        .satisfiesExactly(
            line -> assertThat(line).startsWith("T  vm  PodSandboxStatus 0123456789abc… -> NOT_F"),
            line -> assertThat(line).startsWith("T  vm  PodSandboxStatus virt__0123456789abc… ->"),
            line -> assertThat(line).isEqualTo("T  vm  PullImage busybox -> OK (T)"),
            line -> assertThat(line).isEqualTo("T  vm  RunPodSandbox web -> OK (T)"),
            line -> assertThat(line).isEqualTo("T  vm  GetContainerEvents -> open (T)"));
  }

  @Test
  void theTimelineShowsTheLastCallsOnly() {
    for (int i = 0; i < Timeline.SHOWN_CALLS + 2; i++) {
      RawResponse.of(runtime, STATUS);
    }
    RawResponse.of(runtime, VERSION);

    assertThat(journal.timeline()).startsWith("(3 earlier calls)\n").contains("Version");
    assertThat(journal.timeline().lines()).hasSize(Timeline.SHOWN_CALLS + 1);
  }

  @Test
  void theJournalKeepsTheLastCallsOnly() {
    for (int i = 0; i < CallJournal.KEPT_CALLS; i++) {
      RawResponse.of(runtime, STATUS);
    }
    RawResponse.of(runtime, VERSION);

    assertThat(journal.calls()).hasSize(CallJournal.KEPT_CALLS);
    assertThat(journal.callsOf("Version")).hasSize(1);
  }
}
