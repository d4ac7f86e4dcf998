package io.crirouter.testkit.assertj;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import org.assertj.core.api.AbstractThrowableAssert;
import org.assertj.core.api.Assertions;

/** Assertions about the failure of a call at a gRPC client. */
public final class StatusExceptionAssert
    extends AbstractThrowableAssert<StatusExceptionAssert, StatusRuntimeException> {
  StatusExceptionAssert(StatusRuntimeException actual) {
    super(actual, StatusExceptionAssert.class);
  }

  /** The call failed with {@code code}. */
  @CanIgnoreReturnValue
  public StatusExceptionAssert hasCode(Status.Code code) {
    isNotNull();
    if (actual.getStatus().getCode() != code) {
      throw failure(
          "%nExpecting a failure of the code %s, but it is:%n  %s", code, actual.getMessage());
    }
    return this;
  }

  /** The description, the text without the code, contains all of {@code words}. */
  @CanIgnoreReturnValue
  public StatusExceptionAssert hasDescriptionContaining(CharSequence... words) {
    isNotNull();
    Assertions.assertThat(actual.getStatus().getDescription())
        .as("description of %s", actual.getMessage())
        .contains(words);
    return this;
  }
}
