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
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A RuntimeBackend that throws violates its contract and is treated as unreachable. */
class ThrowingBackendTest {
  private static final Duration MAX_BACK_OFF = Duration.ofSeconds(7);

  private final Broken broken = new Broken();

  /** Throws on demand instead of starting a call. */
  private static final class Broken implements RuntimeBackend {
    private RuntimeBackend runtime = this;
    private @Nullable Supplier<Throwable> failure;

    RuntimeBackend of(RuntimeBackend value) {
      runtime = value;
      return this;
    }

    @Override
    public RuntimeCall start(CriRequest request, ResponseListener listener) {
      if (failure != null) {
        Broken.<RuntimeException>sneak(failure.get());
      }
      return runtime.start(request, listener);
    }

    @SuppressWarnings("unchecked")
    private static <T extends Throwable> void sneak(Throwable failure) throws T {
      throw (T) failure;
    }

    @Override
    public String address() {
      return "broken backend";
    }
  }

  static Stream<Arguments> failures() {
    return Stream.of(
        failure("exception", () -> new IllegalStateException("the pool is closed")),
        failure("error", () -> new NoClassDefFoundError("com/example/Shim, the pool is closed")));
  }

  private static Arguments failure(String name, Supplier<Throwable> failure) {
    return Arguments.of(Named.of(name, failure));
  }

  private Node node() {
    return Node.builder().beforeVirtlet(broken::of).build();
  }

  @ParameterizedTest
  @MethodSource("failures")
  void aBackendThatThrowsFromTheStartIsUsedAfterItsRecovery(Supplier<Throwable> failure)
      throws Exception {
    broken.failure = failure;
    Node node = node();
    String plain = node.runOnContainerd("plain");

    assertThat(node.router.backends().get(1).phase()).isEqualTo(Phase.NEVER_SEEN);
    assertThat(node.router.backends().get(1).reason()).contains("the pool is closed");
    assertThat(ListRpc.LIST_POD_SANDBOX.idsAtOnce(node.router)).containsExactly(plain);
    assertFails(() -> node.runOnVirtlet("special"), Code.UNAVAILABLE, "virtlet.cloud");

    broken.failure = null;
    node.clock.advance(MAX_BACK_OFF);
    assertThat(node.runOnVirtlet("special")).startsWith("virt__");
  }

  @ParameterizedTest
  @MethodSource("failures")
  void aBackendThatThrowsLaterIsLostAndProbed(Supplier<Throwable> failure) throws Exception {
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
  @MethodSource("failures")
  void aListIsCompleteWhenABackendThrows(Supplier<Throwable> failure) throws Exception {
    Node node = node();
    String pod = node.runOnVirtlet("special");
    broken.failure = failure;

    assertThat(ListRpc.LIST_POD_SANDBOX.idsAtOnce(node.router)).containsExactly(pod);
    assertThat(node.router.backends().get(1).phase()).isEqualTo(Phase.LOST);
  }

  @ParameterizedTest
  @MethodSource("failures")
  void probesContinueWhenABackendThrows(Supplier<Throwable> failure) {
    Node node = node();
    broken.failure = failure;
    node.clock.advance(Duration.ofSeconds(10));
    assertThat(node.router.backends().get(1).phase()).isEqualTo(Phase.LOST);

    broken.failure = null;
    node.clock.advance(MAX_BACK_OFF);
    assertThat(node.router.backends().get(1).phase()).isEqualTo(Phase.READY);
  }

  @ParameterizedTest
  @MethodSource("failures")
  void aBackendThatThrowsCanBeRemoved(Supplier<Throwable> failure) {
    Node node = node();
    broken.failure = failure;
    assertFails(() -> node.runOnVirtlet("special"), Code.UNAVAILABLE, "virtlet.cloud");

    node.clock.advance(Duration.ofSeconds(10));
    assertThat(node.router.removeByForce(VIRTLET).toCompletableFuture()).isCompleted();

    assertThat(node.router.backends()).hasSize(1);
  }

  @ParameterizedTest
  @MethodSource("failures")
  void aBackendThatThrewFromTheStartCanBeRemoved(Supplier<Throwable> failure) {
    broken.failure = failure;
    Node node = node();

    assertThat(node.router.remove(VIRTLET).toCompletableFuture()).isCompleted();
  }
}
