package io.crirouter.testkit.assertj;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.crirouter.proto.v1.PodSandbox;
import io.crirouter.proto.v1.PodSandboxState;
import java.util.List;
import org.assertj.core.api.Assertions;
import org.assertj.core.api.ListAssert;

/** List assertions, and those specific to pod sandboxes. */
public final class PodSandboxesAssert extends ListAssert<PodSandbox> {
  PodSandboxesAssert(List<PodSandbox> actual) {
    super(actual);
  }

  /** There are sandboxes of pods with exactly these names, in any order. */
  @CanIgnoreReturnValue
  public PodSandboxesAssert areNamed(String... names) {
    extracting(pod -> pod.getMetadata().getName()).containsExactlyInAnyOrder(names);
    return this;
  }

  /** All of them are ready. */
  @CanIgnoreReturnValue
  public PodSandboxesAssert areReady() {
    allSatisfy(
        pod ->
            Assertions.assertThat(pod.getState())
                .as("state of pod %s", pod.getMetadata().getName())
                .isEqualTo(PodSandboxState.SANDBOX_READY));
    return this;
  }
}
