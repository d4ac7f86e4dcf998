package io.crirouter.core.merge;

import com.google.protobuf.ByteString;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.backend.Answer;
import java.util.List;

/**
 * What is told to all and answered by the primary. A secondary that does not know the rpc has
 * nothing to do; one that could not be told is told when it comes back.
 */
final class PrimaryAnswers implements Merge {
  private static final System.Logger LOG = System.getLogger("io.crirouter");

  private final String rpc;

  PrimaryAnswers(String rpc) {
    this.rpc = rpc;
  }

  @Override
  public ByteString merge(List<Answer> answers) {
    for (Answer answer : answers) {
      if (!answer.isOk() && answer.status().code() != Code.UNIMPLEMENTED) {
        LOG.log(
            System.Logger.Level.WARNING,
            "runtime {0} did not take {1}: {2}",
            answer.backend(),
            rpc,
            answer.status());
      }
    }
    return answers.get(0).message();
  }
}
