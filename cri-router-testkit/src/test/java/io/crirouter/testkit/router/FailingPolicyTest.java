package io.crirouter.testkit.router;

import static io.crirouter.testkit.router.FailureAssertions.assertFails;
import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.core.BackendName;
import io.crirouter.core.ImageView;
import io.crirouter.core.PodView;
import io.crirouter.core.RoutingPolicy;
import io.grpc.Status.Code;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** A policy that throws or returns null is named in the response. The log has its stack trace. */
class FailingPolicyTest {
  private final Faulty policy = new Faulty();
  private final Node node = Node.withPolicy(policy);
  private final ImageCalls images = new ImageCalls(node.client);

  /** The faults of a policy. */
  private enum Fault {
    NONE,
    THROWS,
    FAILS_TO_LINK,
    RETURNS_NULL
  }

  private static final class Faulty implements RoutingPolicy {
    private Fault fault = Fault.NONE;

    @Override
    public Optional<BackendName> forPod(PodView pod) {
      return answer();
    }

    @Override
    public Optional<BackendName> forImage(ImageView image) {
      return answer();
    }

    @SuppressWarnings({"NullAway", "OptionalAssignedToNull"})
    private Optional<BackendName> answer() {
      return switch (fault) {
        case NONE -> Optional.empty();
        case THROWS -> throw new IllegalStateException("no rule for this pod");
        case FAILS_TO_LINK -> throw new NoClassDefFoundError("no rule for this pod");
        case RETURNS_NULL -> null;
      };
    }

    @Override
    public String toString() {
      return "policy of the test";
    }
  }

  private void assertThrowingIsAnswered(ThrowingCallable call) {
    assertIsAnswered(Fault.THROWS, call);
    assertIsAnswered(Fault.FAILS_TO_LINK, call);
  }

  private void assertIsAnswered(Fault fault, ThrowingCallable call) {
    policy.fault = fault;
    try (CapturedExceptions log = new CapturedExceptions()) {
      assertFails(call, Code.INTERNAL, "policy of the test");

      assertThat(log.lines()).anyMatch(line -> line.contains("policy of the test"));
      assertThat(log.thrown())
          .singleElement()
          .satisfies(e -> assertThat(e).hasMessageContaining("no rule for this pod"))
          .satisfies(e -> assertThat(e.getStackTrace()).isNotEmpty());
    }
  }

  private void assertNullIsAnswered(ThrowingCallable call) {
    policy.fault = Fault.RETURNS_NULL;
    assertFails(call, Code.INTERNAL, "policy of the test");
  }

  @Test
  void aPodIsRefusedIfThePolicyThrows() {
    assertThrowingIsAnswered(() -> node.runOnContainerd("a"));

    assertThat(node.containerd.pods()).isEmpty();
  }

  @Test
  void aPodIsRefusedIfThePolicyReturnsNull() {
    assertNullIsAnswered(() -> node.runOnContainerd("a"));

    assertThat(node.containerd.pods()).isEmpty();
  }

  @Test
  void thePodRunsWhenThePolicyRecovers() {
    assertNullIsAnswered(() -> node.runOnContainerd("a"));
    policy.fault = Fault.NONE;

    assertThat(node.runOnContainerd("a")).isNotEmpty();
  }

  @Test
  void anImageCallOfAPodFailsIfThePolicyThrows() {
    assertThrowingIsAnswered(() -> images.status(ImageCalls.of(Pods.plain("a"), "nginx")));
  }

  @Test
  void anImageCallOfAPodFailsIfThePolicyReturnsNull() {
    assertNullIsAnswered(() -> images.status(ImageCalls.of(Pods.plain("a"), "nginx")));
  }

  @Test
  void aPullFailsIfThePolicyThrows() {
    assertThrowingIsAnswered(() -> images.pull(ImageCalls.bare("nginx"), Pods.plain("a")));
  }

  @Test
  void aPullFailsIfThePolicyReturnsNull() {
    assertNullIsAnswered(() -> images.pull(ImageCalls.bare("nginx"), Pods.plain("a")));

    assertThat(node.containerd.journal().callsOf("PullImage")).isEmpty();
  }

  @Test
  void theFailedPolicyOfSeveralIsNamed() {
    Node several = Node.withPolicy(RoutingPolicy.firstOf(RoutingPolicy.annotation(), policy));
    policy.fault = Fault.RETURNS_NULL;

    assertFails(() -> several.runOnContainerd("a"), Code.INTERNAL, "policy of the test");
    assertThat(several.runOnVirtlet("b")).as("decided before it").startsWith("virt__");
  }

  @Test
  void existingPodsAreReachedWithoutThePolicy() {
    String pod = node.runOnContainerd("a");
    policy.fault = Fault.THROWS;

    assertThat(node.podStatus(pod).getId()).isEqualTo(pod);
  }
}
