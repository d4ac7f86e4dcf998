package io.crirouter.core.internal.merging;

import com.google.protobuf.ByteString;
import io.crirouter.core.RpcException;
import io.crirouter.core.internal.backend.BackendResponse;
import io.crirouter.core.internal.wire.MalformedMessageException;
import java.util.List;

/**
 * Makes one response of those of several backends. They have the client's ids and names. The
 * primary, if it was called, has succeeded: its failure is passed on without a merge.
 */
public interface Merge {
  /**
   * The merged response.
   *
   * @param answers one for each backend that was called, in the order of configuration; those of
   *     secondaries can be failures
   * @throws RpcException if there is no correct response
   */
  ByteString merge(List<BackendResponse> answers) throws RpcException, MalformedMessageException;

  /** Whether this response of the primary is a failure that ends the call. */
  default boolean isFatal(BackendResponse primaryResponse) {
    return !primaryResponse.isOk();
  }

  /** Whether the last known state of a secondary is used when it does not answer. */
  default boolean usesLastKnown() {
    return false;
  }

  /**
   * Whether the merged response does without a secondary that fails: its part is left out, or
   * replaced by its last known state.
   */
  default boolean toleratesFailures() {
    return true;
  }

  /** Whether this one response decides the result, so that the others are not needed. */
  default boolean isSettledBy(BackendResponse answer) throws MalformedMessageException {
    return false;
  }
}
