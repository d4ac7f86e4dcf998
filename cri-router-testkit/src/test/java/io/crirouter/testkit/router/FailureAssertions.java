package io.crirouter.testkit.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** Says how a call must fail. */
final class FailureAssertions {
  private FailureAssertions() {}

  /** {@code call} must fail with {@code code} and a message that contains all of {@code words}. */
  static void assertFails(ThrowingCallable call, Status.Code code, String... words) {
    assertThatExceptionOfType(StatusRuntimeException.class)
        .isThrownBy(call)
        .satisfies(
            e -> {
              assertThat(e.getStatus().getCode()).as("%s", e.getStatus()).isEqualTo(code);
              for (String word : words) {
                assertThat(e.getStatus().getDescription()).contains(word);
              }
            });
  }
}
