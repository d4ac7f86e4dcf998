package io.crirouter.grpc;

import static io.crirouter.grpc.Rpcs.STATUS;
import static io.crirouter.grpc.Rpcs.VERSION;
import static io.crirouter.grpc.Rpcs.randomBytes;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import com.google.protobuf.ByteString;
import io.crirouter.core.CallMetadata;
import io.crirouter.core.CriRequest;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.RuntimeCall;
import io.crirouter.grpc.HeldBackend.Held;
import io.crirouter.proto.v1.VersionRequest;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A Version call that is the first call on its connection, and so the probe. */
class GrpcBackendVersionProbeTest extends VersionFixture {
  private static final ByteString VERSION_REQUEST =
      VersionRequest.newBuilder().setVersion("0.1.0").build().toByteString();
  private static final CallMetadata TRACE =
      CallMetadata.of(
          List.of(new CallMetadata.Entry("traceparent", ByteString.copyFromUtf8("00-1-2-01"))));

  @CanIgnoreReturnValue
  private ResponseRecorder askForVersion() {
    return ResponseRecorder.call(backend, CriRequest.of(VERSION, VERSION_REQUEST));
  }

  @Test
  void theFirstVersionCallIsTheProbe() throws Exception {
    serve(runtime, ApiVersion.V1);

    ResponseRecorder version =
        ResponseRecorder.call(backend, CriRequest.of(VERSION, VERSION_REQUEST).withMetadata(TRACE));
    ResponseRecorder status = call();
    Held probe = runtime.next();
    assertThat(probe.request.message()).isEqualTo(VERSION_REQUEST);
    assertThat(probe.request.metadata()).as("trace context is forwarded").isEqualTo(TRACE);
    assertThat(runtime.isIdle()).as("other calls wait").isTrue();
    probe.listener.onHeaders(TRACE);
    probe.answer(randomBytes(7));

    assertThat(version.message()).isEqualTo(randomBytes(7));
    assertThat(version.headers()).isEqualTo(TRACE);
    Held next = runtime.next();
    assertThat(next.request.method()).as("Version was asked once").isEqualTo(STATUS);
    next.answer(ByteString.EMPTY);
    assertThat(status.message()).isEmpty();
    assertThat(runtime.isIdle()).isTrue();
  }

  @Test
  void aRuntimeOfV1Alpha2IsAskedOnceInEachVersion() throws Exception {
    serve(runtime, ApiVersion.V1ALPHA2);

    ResponseRecorder version = askForVersion();
    runtime.next().answer(randomBytes(7));

    assertThat(version.message()).isEqualTo(randomBytes(7));
    call();
    assertThat(runtime.next().request.method()).isEqualTo(STATUS);
  }

  @Test
  void anErrorIsDeliveredAndNotStored() throws Exception {
    serve(runtime, ApiVersion.V1);
    RpcStatus error = RpcStatus.of(Code.UNKNOWN, "not initialized yet");

    ResponseRecorder version = askForVersion();
    runtime.next().listener.onClose(error);

    assertThat(version.status().code()).isEqualTo(Code.UNKNOWN);
    assertThat(version.status().message()).isEqualTo("not initialized yet");
    assertThat(runtime.isIdle()).isTrue();
    askForVersion();
    assertThat(runtime.next().request.method()).isEqualTo(VERSION);
  }

  @Test
  void theAnswerIsDeliveredWhenRequested() throws Exception {
    serve(runtime, ApiVersion.V1);
    ResponseRecorder version = new ResponseRecorder();
    RuntimeCall call = backend.start(CriRequest.of(VERSION, VERSION_REQUEST), version);
    ResponseRecorder status = call();

    runtime.next().answer(randomBytes(7));
    runtime.next().answer(ByteString.EMPTY);
    status.message();
    assertThat(version.isClosed()).isFalse();
    call.request(1);

    assertThat(version.message()).isEqualTo(randomBytes(7));
  }

  @Test
  void aCancelledProbeIsCancelledAtTheRuntime() throws Exception {
    serve(runtime, ApiVersion.V1);
    ResponseRecorder version = new ResponseRecorder();
    RuntimeCall call = backend.start(CriRequest.of(VERSION, VERSION_REQUEST), version);
    Held probe = runtime.next();

    call.cancel("cancelled by the test");

    assertThat(version.status()).isEqualTo(RpcStatus.of(Code.CANCELLED, "cancelled by the test"));
    assertThat(probe.cancelReason()).isNotEmpty();
    ResponseRecorder next = askForVersion();
    runtime.next().answer(randomBytes(7));
    assertThat(next.message()).as("a new probe").isEqualTo(randomBytes(7));
  }

  @Test
  void aCancelledProbeContinuesIfOtherCallsWait() throws Exception {
    serve(runtime, ApiVersion.V1);
    ResponseRecorder version = new ResponseRecorder();
    RuntimeCall call = backend.start(CriRequest.of(VERSION, VERSION_REQUEST), version);
    Held probe = runtime.next();
    ResponseRecorder status = call();

    call.cancel("cancelled by the test");
    assertThat(version.status().code()).isEqualTo(Code.CANCELLED);
    probe.answer(ByteString.EMPTY);

    runtime.next().answer(randomBytes(3));
    assertThat(status.message()).isEqualTo(randomBytes(3));
  }

  @Test
  void theDeadlineOfTheCallAppliesToTheProbe() throws Exception {
    serve(runtime, ApiVersion.V1);

    ResponseRecorder version =
        ResponseRecorder.call(
            backend,
            CriRequest.of(VERSION, VERSION_REQUEST)
                .withTimeoutNanos(Duration.ofSeconds(1).toNanos()));
    Held probe = runtime.next();

    assertThat(version.status())
        .isEqualTo(
            RpcStatus.of(
                Code.DEADLINE_EXCEEDED, "Version at unix:" + socket + ": no answer within 1 s"));
    assertThat(probe.cancelReason()).isNotEmpty();
  }
}
