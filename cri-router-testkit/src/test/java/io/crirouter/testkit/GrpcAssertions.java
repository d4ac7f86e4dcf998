package io.crirouter.testkit;

import io.crirouter.testkit.assertj.CriAssertions;
import io.grpc.Status;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** Assertions about failed gRPC calls. */
final class GrpcAssertions {
  private GrpcAssertions() {}

  /** Asserts that {@code call} fails with {@code code} and a description with all {@code words}. */
  static void assertFails(ThrowingCallable call, Status.Code code, CharSequence... words) {
    var failure = CriAssertions.assertThatFailureOf(call).hasCode(code);
    if (words.length > 0) {
      failure.hasDescriptionContaining(words);
    }
  }
}
