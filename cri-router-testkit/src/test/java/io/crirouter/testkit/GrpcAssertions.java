package io.crirouter.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** Says how a call must fail. */
final class GrpcAssertions {
  private GrpcAssertions() {}

  /** {@code call} must fail with {@code code} and a message that contains {@code words}. */
  static void assertFails(ThrowingCallable call, Status.Code code, CharSequence... words) {
    assertThatExceptionOfType(StatusRuntimeException.class)
        .isThrownBy(call)
        .satisfies(
            e -> {
              assertThat(e.getStatus().getCode()).isEqualTo(code);
              for (CharSequence word : words) {
                assertThat(e.getStatus().getDescription()).contains(word);
              }
            });
  }
}
