package io.crirouter.testkit;

import io.crirouter.testkit.assertj.CriAssertions;
import io.grpc.Status;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** Says how a call must fail. */
final class GrpcAssertions {
  private GrpcAssertions() {}

  /** {@code call} must fail with {@code code} and a message that contains {@code words}. */
  static void assertFails(ThrowingCallable call, Status.Code code, CharSequence... words) {
    var failure = CriAssertions.assertThatFailureOf(call).hasCode(code);
    if (words.length > 0) {
      failure.hasDescriptionContaining(words);
    }
  }
}
