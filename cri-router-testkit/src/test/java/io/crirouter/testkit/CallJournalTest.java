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
import io.crirouter.proto.v1.PodSandboxStatusRequest;
import io.crirouter.proto.v1.StatusRequest;
import io.crirouter.proto.v1.VersionRequest;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class CallJournalTest {
  private static final CriMethod VERSION = CriMethod.of("Version");
  private static final CriMethod STATUS = CriMethod.of("Status");

  private final FakeRuntime runtime = FakeRuntime.create("vm");
  private final CallJournal journal = runtime.journal();

  @Test
  void aCallIsRecordedWithEverythingThatCameAndHowItEnded() {
    CallMetadata headers = CallMetadata.EMPTY.with("traceparent", ByteString.copyFromUtf8("00"));
    VersionRequest message = VersionRequest.newBuilder().setVersion("0.1.0").build();
    RawAnswer.of(runtime, new CriRequest(VERSION, message.toByteString(), 5_000_000_000L, headers));

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
  void aCallThatFailsIsRecordedWithItsStatus() {
    RawAnswer.of(
        runtime,
        CriRequest.of(
            CriMethod.of("PodSandboxStatus"),
            PodSandboxStatusRequest.newBuilder().setPodSandboxId("x").build().toByteString()));

    assertThat(journal.takeCall().awaitStatus().code()).isEqualTo(Code.NOT_FOUND);
  }

  @Test
  void aCallThatGoesOnHasNoStatusYet() {
    runtime.hang();
    RawAnswer.of(runtime, VERSION);
    RecordedCall call = journal.takeCall();
    assertThat(call.status()).isEmpty();

    CompletableFuture<RpcStatus> end = CompletableFuture.supplyAsync(call::awaitStatus);
    runtime.resume();
    assertThat(end.join()).isEqualTo(RpcStatus.OK);
  }

  @Test
  void callsAreTakenOnceInTheirOrderOrByRpc() {
    RawAnswer.of(runtime, VERSION);
    RawAnswer.of(runtime, STATUS);
    RawAnswer.of(runtime, VERSION);

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
    RawAnswer.of(runtime, VERSION);
    RawAnswer.of(runtime, STATUS);

    assertThat(taken.join().name()).isEqualTo("Status");
  }

  @Test
  void aRequestOfAnotherTypeOrWithoutSenseIsAFailureOfTheTest() {
    RawAnswer.of(runtime, CriRequest.of(VERSION, ByteString.copyFrom(new byte[] {0x0a, 0x7f})));
    RecordedCall malformed = journal.takeCall();
    assertThatExceptionOfType(AssertionError.class)
        .isThrownBy(malformed::request)
        .withMessageContaining("Version");
    assertThat(malformed.status().get().code()).isEqualTo(Code.INVALID_ARGUMENT);

    RawAnswer.of(runtime, VERSION);
    RecordedCall call = journal.takeCall();
    assertThatExceptionOfType(AssertionError.class)
        .isThrownBy(() -> call.request(StatusRequest.class))
        .withMessageContaining("VersionRequest");
    assertThatIllegalArgumentException().isThrownBy(() -> journal.callsOf("NoSuchRpc"));
  }

  @Test
  void theJournalKeepsTheLastCallsOnly() {
    for (int i = 0; i < CallJournal.KEPT_CALLS; i++) {
      RawAnswer.of(runtime, STATUS);
    }
    RawAnswer.of(runtime, VERSION);

    assertThat(journal.calls()).hasSize(CallJournal.KEPT_CALLS);
    assertThat(journal.callsOf("Version")).hasSize(1);
  }
}
