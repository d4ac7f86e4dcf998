package io.crirouter.core.internal.merging;

import com.google.protobuf.ByteString;
import io.crirouter.core.RpcException;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.internal.backend.Answer;
import java.util.List;

/** An image is removed when all that have it removed it; NOT_FOUND counts as removed. */
public final class MergeRemovals implements Merge {
  @Override
  public boolean isFatal(Answer primarysAnswer) {
    return isFailure(primarysAnswer);
  }

  private static boolean isFailure(Answer answer) {
    return !answer.isOk() && answer.status().code() != Code.NOT_FOUND;
  }

  @Override
  public ByteString merge(List<Answer> answers) throws RpcException {
    for (Answer answer : answers) {
      if (isFailure(answer)) {
        throw answer.status().asException();
      }
    }
    return answers.get(0).message();
  }
}
