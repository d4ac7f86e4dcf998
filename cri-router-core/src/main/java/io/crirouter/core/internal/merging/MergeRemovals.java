package io.crirouter.core.internal.merging;

import com.google.protobuf.ByteString;
import io.crirouter.core.RpcException;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.internal.backend.BackendResponse;
import java.util.List;

/**
 * An image is removed when all backends that have it have removed it. NOT_FOUND counts as removed.
 */
public final class MergeRemovals implements Merge {
  @Override
  public boolean toleratesFailures() {
    return false;
  }

  @Override
  public boolean isFatal(BackendResponse primaryResponse) {
    return isFailure(primaryResponse);
  }

  private static boolean isFailure(BackendResponse answer) {
    return !answer.isOk() && answer.status().code() != Code.NOT_FOUND;
  }

  @Override
  public ByteString merge(List<BackendResponse> answers) throws RpcException {
    for (BackendResponse answer : answers) {
      if (isFailure(answer)) {
        throw answer.status().asException();
      }
    }
    return answers.get(0).message();
  }
}
