package io.crirouter.core.internal.merging;

import com.google.protobuf.ByteString;
import io.crirouter.core.internal.backend.BackendResponse;
import java.util.List;

/**
 * Lists end to end: the wire format of a list is the concatenation of its parts. A secondary that
 * does not answer, and of which nothing is known, is left out.
 *
 * @param usesLastKnown whether what is last known of a secondary stands in for its answer
 */
record Concatenate(boolean usesLastKnown) implements Merge {
  @Override
  public ByteString merge(List<BackendResponse> answers) {
    ByteString joined = ByteString.EMPTY;
    for (BackendResponse answer : answers) {
      joined = joined.concat(answer.message());
    }
    return joined;
  }
}
