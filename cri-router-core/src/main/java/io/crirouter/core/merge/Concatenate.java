package io.crirouter.core.merge;

import com.google.protobuf.ByteString;
import io.crirouter.core.RpcException;
import io.crirouter.core.backend.Answer;
import java.util.List;

/** Lists end to end: the wire format of a list is the concatenation of its parts. */
enum Concatenate implements Merge {
  /** What a backend does not say fails the list: a partial list would be a lie. */
  ALL_OR_FAIL {
    @Override
    public boolean usesLastKnown() {
      return true;
    }

    @Override
    public ByteString merge(List<Answer> answers) throws RpcException {
      for (Answer answer : answers) {
        if (!answer.isOk()) {
          throw answer.status().asException();
        }
      }
      return join(answers);
    }
  },
  /** What a backend does not say is left out. */
  WHAT_THERE_IS {
    @Override
    public ByteString merge(List<Answer> answers) {
      return join(answers);
    }
  };

  private static ByteString join(List<Answer> answers) {
    ByteString joined = ByteString.EMPTY;
    for (Answer answer : answers) {
      joined = joined.concat(answer.message());
    }
    return joined;
  }
}
