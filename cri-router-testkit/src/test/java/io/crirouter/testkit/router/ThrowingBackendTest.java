package io.crirouter.testkit.router;

import static io.crirouter.testkit.router.FailureAssertions.assertFails;
import static io.crirouter.testkit.router.Node.VIRTLET;
import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.core.BackendState.Phase;
import io.crirouter.core.CriRequest;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.core.RuntimeCall;
import io.grpc.Status.Code;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A RuntimeBackend that throws, or returns no call, is treated as unreachable. */
class ThrowingBackendTest {
  private static final Duration MAX_BACK_OFF = Duration.ofSeconds(7);

  private final Broken broken = new Broken();

  /** Fails on demand instead of starting a call. */
  private static final class Broken implements RuntimeBackend {
    private RuntimeBackend runtime = this;
    private @Nullable Failure failure;

    RuntimeBackend of(RuntimeBackend value) {
      runtime = value;
      return this;
    }

    @Override
    public RuntimeCall start(CriRequest request, ResponseListener listener) {
      return failure == null ? runtime.start(request, listener) : failure.start();
    }

    @Override
    public String address() {
      return "broken backend";
    }
  }

  private enum Failure {
    EXCEPTION("the pool is closed"),
    MISSING_CLASS("com/example/Shim"),
    FAILED_ASSERTION("no such pool"),
    NULL("it returned no call");

    final String reason;

    Failure(String reason) {
      this.reason = reason;
    }

    @SuppressWarnings("NullAway")
    RuntimeCall start() {
      return switch (this) {
        case EXCEPTION -> throw new IllegalStateException(reason);
        case MISSING_CLASS -> throw new NoClassDefFoundError(reason);
        case FAILED_ASSERTION -> throw new AssertionError(reason);
        case NULL -> null;
      };
    }
  }

  private Node node() {
    return Node.builder().beforeVirtlet(broken::of).build();
  }

  @ParameterizedTest
  @EnumSource
  void aBackendThatThrowsFromTheStartIsUsedAfterItsRecovery(Failure failure) throws Exception {
    broken.failure = failure;
    Node node = node();
    String plain = node.runOnContainerd("plain");

    assertThat(node.router.backends().get(1).phase()).isEqualTo(Phase.NEVER_SEEN);
    assertThat(node.router.backends().get(1).reason()).contains(failure.reason);
    assertThat(ListRpc.LIST_POD_SANDBOX.idsAtOnce(node.router)).containsExactly(plain);
    assertFails(() -> node.runOnVirtlet("special"), Code.UNAVAILABLE, "virtlet.cloud");

    broken.failure = null;
    node.clock.advance(MAX_BACK_OFF);
    assertThat(node.runOnVirtlet("special")).startsWith("virt__");
  }

  @ParameterizedTest
  @EnumSource
  void aBackendThatThrowsLaterIsLostAndProbed(Failure failure) throws Exception {
    Node node = node();
    String pod = node.runOnVirtlet("special");
    broken.failure = failure;

    assertFails(() -> node.podStatus(pod), Code.UNAVAILABLE, "virtlet.cloud");

    assertThat(node.router.backends().get(1).phase()).isEqualTo(Phase.LOST);
    for (ListRpc list : List.of(ListRpc.LIST_POD_SANDBOX, ListRpc.STREAM_POD_SANDBOXES)) {
      assertThat(list.idsAtOnce(node.router)).containsExactly(pod);
    }
    broken.failure = null;
    node.clock.advance(MAX_BACK_OFF);
    assertThat(node.podStatus(pod).getId()).isEqualTo(pod);
  }

  @ParameterizedTest
  @EnumSource
  void aListIsCompleteWhenABackendThrows(Failure failure) throws Exception {
    Node node = node();
    String pod = node.runOnVirtlet("special");
    broken.failure = failure;

    assertThat(ListRpc.LIST_POD_SANDBOX.idsAtOnce(node.router)).containsExactly(pod);
    assertThat(node.router.backends().get(1).phase()).isEqualTo(Phase.LOST);
  }

  @ParameterizedTest
  @EnumSource
  void probesContinueWhenABackendThrows(Failure failure) {
    Node node = node();
    broken.failure = failure;
    node.clock.advance(Duration.ofSeconds(10));
    assertThat(node.router.backends().get(1).phase()).isEqualTo(Phase.LOST);

    broken.failure = null;
    node.clock.advance(MAX_BACK_OFF);
    assertThat(node.router.backends().get(1).phase()).isEqualTo(Phase.READY);
  }

  @ParameterizedTest
  @EnumSource
  void aBackendThatThrowsCanBeRemoved(Failure failure) {
    Node node = node();
    broken.failure = failure;
    assertFails(() -> node.runOnVirtlet("special"), Code.UNAVAILABLE, "virtlet.cloud");

    node.clock.advance(Duration.ofSeconds(10));
    assertThat(node.router.removeByForce(VIRTLET).toCompletableFuture()).isCompleted();

    assertThat(node.router.backends()).hasSize(1);
  }

  @ParameterizedTest
  @EnumSource
  void aBackendThatThrewFromTheStartCanBeRemoved(Failure failure) {
    broken.failure = failure;
    Node node = node();

    assertThat(node.router.remove(VIRTLET).toCompletableFuture()).isCompleted();
  }
}
