package io.crirouter.testkit.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** Assertions about failed calls. */
final class FailureAssertions {
  private FailureAssertions() {}

  /** Asserts that {@code call} fails with {@code code} and a message with all {@code words}. */
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
