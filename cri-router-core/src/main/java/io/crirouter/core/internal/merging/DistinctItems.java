package io.crirouter.core.internal.merging;

import com.google.common.collect.Ordering;
import com.google.protobuf.ByteString;
import io.crirouter.core.RpcException;
import io.crirouter.core.internal.backend.Backend;
import io.crirouter.core.internal.backend.BackendResponse;
import io.crirouter.core.internal.schema.FieldPath;
import io.crirouter.core.internal.wire.ListEntry;
import io.crirouter.core.internal.wire.MalformedMessageException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Merges lists of backends that may have made the same id, which happens only if ids carry no
 * prefix. A kubelet takes two items with one id for one object in two states. So each id is listed
 * once: as the first backend has it that is ready, else as it was last known.
 *
 * @param merge merges the rest
 * @param id the path from the list to the ids of its items
 */
record DistinctItems(Merge merge, FieldPath id) implements Merge {
  private static final Ordering<BackendResponse> READY_FIRST =
      Ordering.natural().reverse().onResultOf(answer -> answer.backend().health().isReady());

  @Override
  public boolean usesLastKnown() {
    return merge.usesLastKnown();
  }

  @Override
  public ByteString merge(List<BackendResponse> answers)
      throws RpcException, MalformedMessageException {
    Set<String> listed = new HashSet<>();
    Map<Backend, BackendResponse> distinct = new HashMap<>();
    for (BackendResponse answer : READY_FIRST.sortedCopy(answers)) {
      Backend backend = answer.backend();
      ByteString rest = without(listed, answer.message());
      distinct.put(backend, new BackendResponse(backend, rest, answer.status()));
    }
    return merge.merge(answers.stream().map(a -> distinct.getOrDefault(a.backend(), a)).toList());
  }

  /** Leaves out what is listed already, and notes the rest as listed. */
  private ByteString without(Set<String> listed, ByteString list) throws MalformedMessageException {
    int[] path = id.numbers();
    List<ListEntry> entries = ListEntry.read(list, path);
    List<ListEntry> rest = entries.stream().filter(entry -> !listed.contains(entry.id())).toList();
    entries.forEach(entry -> listed.add(entry.id()));
    return rest.size() == entries.size() ? list : ListEntry.retain(list, path[0], rest);
  }
}
