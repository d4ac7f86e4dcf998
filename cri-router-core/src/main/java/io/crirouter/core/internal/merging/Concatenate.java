package io.crirouter.core.internal.merging;

import com.google.protobuf.ByteString;
import io.crirouter.core.internal.backend.BackendResponse;
import java.util.List;

/**
 * Concatenates lists, which is a correct merge in the wire format. A secondary that does not answer
 * and has no last known state is left out.
 *
 * @param usesLastKnown whether the last known state of a secondary replaces its response
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
