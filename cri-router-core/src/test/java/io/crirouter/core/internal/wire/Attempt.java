package io.crirouter.core.internal.wire;

import io.crirouter.core.RpcException;
import java.util.Optional;
import java.util.concurrent.Callable;

/**
 * How reading bytes ended: with a value, or refused in one of the two ways that the wire code may
 * refuse. Whatever else it throws goes through and fails the test.
 *
 * @param value the value, empty if refused
 * @param malformed whether the bytes are no message
 * @param refusal the refusal's text, empty if there is a value
 */
record Attempt<T>(Optional<T> value, boolean malformed, String refusal) {

  static <T> Attempt<T> to(Callable<T> read) throws Exception {
    try {
      return new Attempt<>(Optional.of(read.call()), false, "");
    } catch (MalformedMessageException e) {
      return new Attempt<>(Optional.empty(), true, e.getMessage());
    } catch (RpcException e) {
      return new Attempt<>(Optional.empty(), false, e.status().toString());
    }
  }

  boolean refused() {
    return !malformed && value.isEmpty();
  }
}
