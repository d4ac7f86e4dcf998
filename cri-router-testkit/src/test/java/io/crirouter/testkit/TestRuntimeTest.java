package io.crirouter.testkit;

import static io.crirouter.testkit.GrpcAssertions.assertFails;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.crirouter.core.CriRequest;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.Rpc;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.core.RuntimeCall;
import io.crirouter.core.TypedBackend;
import io.crirouter.proto.v1.VersionRequest;
import io.crirouter.proto.v1.VersionResponse;
import io.grpc.Status.Code;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** A {@link TestRuntime} around another backend. */
class TestRuntimeTest {
  private final AtomicInteger calls = new AtomicInteger();
  private final RuntimeBackend own =
      TypedBackend.builder()
          .direct()
          .address("own runtime")
          .unary(Rpc.VERSION, this::answer)
          .build();
  private final TestRuntime runtime = TestRuntime.around("vm.example", own);
  private final CriClient client = CriClient.of(runtime);

  private VersionResponse answer(VersionRequest request) {
    calls.incrementAndGet();
    return VersionResponse.newBuilder().setRuntimeName("own").build();
  }

  @CanIgnoreReturnValue
  private String version() {
    return client.runtime().version(VersionRequest.getDefaultInstance()).getRuntimeName();
  }

  @Test
  void itForwardsCalls() {
    assertThat(version()).isEqualTo("own");
    assertThat(runtime.address()).isEqualTo("own runtime");
    assertThat(runtime).hasToString("TestRuntime(vm.example)");
  }

  @Test
  void itHasAJournal() {
    version();

    RecordedCall call = runtime.journal().takeCall("Version");
    assertThat(call.place()).isEqualTo("vm.example");
    assertThat(call.awaitStatus()).isEqualTo(RpcStatus.OK);
  }

  @Test
  void faultsAreInjectedWithoutCallingTheBackend() {
    runtime.failNext("Version", RpcStatus.Code.INTERNAL, "disk full");

    assertFails(this::version, Code.INTERNAL, "disk full");
    assertThat(calls).hasValue(0);
    runtime.down();
    assertFails(this::version, Code.UNAVAILABLE, "own runtime is down");
    runtime.up();
    runtime.loseNextAnswer("Version");
    assertFails(this::version, Code.UNAVAILABLE);
    assertThat(calls).hasValue(1);
  }

  @Test
  void reachabilityChangesOfBackendAndTestAreReported() {
    AtomicInteger notifications = new AtomicInteger();
    Reachable backend = new Reachable();
    TestRuntime watched = TestRuntime.around("vm.example", backend);
    watched.onReachabilityChange(notifications::incrementAndGet);

    backend.listener.run();
    assertThat(notifications).hasValue(1);
    watched.down();
    assertThat(notifications).hasValue(2);
  }

  /** A backend whose reachability listener the test calls. */
  private static final class Reachable implements RuntimeBackend {
    private Runnable listener = () -> {};

    @Override
    public RuntimeCall start(CriRequest request, ResponseListener responses) {
      responses.onClose(RpcStatus.OK);
      return RuntimeCall.ENDED;
    }

    @Override
    public void onReachabilityChange(Runnable value) {
      listener = value;
    }
  }
}
