package io.crirouter.core.internal.merging;

import com.google.protobuf.ByteString;
import io.crirouter.core.internal.backend.Answer;
import java.util.List;

/**
 * Lists end to end: the wire format of a list is the concatenation of its parts. A secondary that
 * does not answer, and of which nothing is known, is left out.
 *
 * @param usesLastKnown whether what is last known of a secondary stands in for its answer
 */
record Concatenate(boolean usesLastKnown) implements Merge {
  @Override
  public ByteString merge(List<Answer> answers) {
    ByteString joined = ByteString.EMPTY;
    for (Answer answer : answers) {
      joined = joined.concat(answer.message());
    }
    return joined;
  }
}
