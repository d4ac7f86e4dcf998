package io.crirouter.core.internal.merging;

import com.google.protobuf.ByteString;
import io.crirouter.core.RpcException;
import io.crirouter.core.internal.backend.BackendResponse;
import io.crirouter.core.internal.wire.MalformedMessageException;
import java.util.List;

/**
 * Makes one answer out of those of several backends. By then the ids and names in them are the
 * client's. The primary, if it was asked, has succeeded: its failure is the answer without a merge.
 */
public interface Merge {
  /**
   * The merged answer.
   *
   * @param answers one for each backend that was asked, in the order of configuration; those of
   *     secondaries can be failures
   * @throws RpcException if there can be no truthful answer
   */
  ByteString merge(List<BackendResponse> answers) throws RpcException, MalformedMessageException;

  /** Whether this answer of the primary is a failure that nothing others say can mend. */
  default boolean isFatal(BackendResponse primaryResponse) {
    return !primaryResponse.isOk();
  }

  /** Whether a secondary that does not answer is stood in for by what it had when last heard of. */
  default boolean usesLastKnown() {
    return false;
  }

  /** Whether this one answer settles the matter, so that no other has to be waited for. */
  default boolean isSettledBy(BackendResponse answer) throws MalformedMessageException {
    return false;
  }
}
