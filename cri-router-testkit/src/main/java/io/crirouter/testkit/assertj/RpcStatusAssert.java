package io.crirouter.testkit.assertj;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.crirouter.core.RpcStatus;
import org.assertj.core.api.AbstractAssert;
import org.assertj.core.api.Assertions;

/** Assertions about the status of a call to a backend. */
public final class RpcStatusAssert extends AbstractAssert<RpcStatusAssert, RpcStatus> {
  RpcStatusAssert(RpcStatus actual) {
    super(actual, RpcStatusAssert.class);
  }

  /** The call succeeded. */
  @CanIgnoreReturnValue
  public RpcStatusAssert isOk() {
    return hasCode(RpcStatus.Code.OK);
  }

  /** The call ended with {@code code}. */
  @CanIgnoreReturnValue
  public RpcStatusAssert hasCode(RpcStatus.Code code) {
    isNotNull();
    if (actual.code() != code) {
      throw failure("%nExpecting a status of the code %s, but it is:%n  %s", code, actual);
    }
    return this;
  }

  /** The status was made by {@code origin}. */
  @CanIgnoreReturnValue
  public RpcStatusAssert hasOrigin(RpcStatus.Origin origin) {
    isNotNull();
    if (actual.origin() != origin) {
      throw failure(
          "%nExpecting a status made by %s, but it was made by %s:%n  %s",
          origin, actual.origin(), actual);
    }
    return this;
  }

  /** The message contains all of {@code words}. */
  @CanIgnoreReturnValue
  public RpcStatusAssert hasMessageContaining(CharSequence... words) {
    isNotNull();
    Assertions.assertThat(actual.message()).as("message of %s", actual).contains(words);
    return this;
  }
}
