package io.crirouter.core.internal.inventory;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.UnsafeByteOperations;
import com.google.protobuf.WireFormat;
import io.crirouter.core.internal.call.SharedLimit;
import io.crirouter.core.internal.wire.ContentDigest;
import io.crirouter.proto.v1.ContainerStatusResponse;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The statuses of containers, as a runtime told them last. Those that were told least recently give
 * way when there are too many. Not thread-safe.
 */
final class LastStatuses {
  /** Of the status in a ContainerStatusResponse. */
  private static final int TAG =
      ContainerStatusResponse.STATUS_FIELD_NUMBER << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED;

  private static final int CAPACITY = 16;
  private static final float LOAD_FACTOR = 0.75f;

  private final SharedLimit limit;
  private final SharedLimit.Share held;

  /** In the order in which they were told or looked up last. */
  private final Map<String, Status> byContainer = new LinkedHashMap<>(CAPACITY, LOAD_FACTOR, true);

  /** One status. */
  static final class Status {
    /** About what an entry takes besides. */
    private static final int OVERHEAD = 256;

    /** A ContainerStatus. */
    private final byte[] bytes;

    private final long state;

    /** The sequence number of the last request that was answered with it. */
    private long asked;

    /** Copies {@code status}, which is a part of an answer. */
    private Status(ByteString status, long state, long asked) {
      this.bytes = status.toByteArray();
      this.state = state;
      this.asked = asked;
    }

    /** Of the container. */
    long state() {
      return state;
    }

    private static int weight(int size) {
      return OVERHEAD + size;
    }

    private boolean is(ByteString status) {
      return status.size() == bytes.length && ContentDigest.endsWith(status, bytes);
    }

    /** Whether {@code response} has this status and nothing else. */
    private boolean isAllOf(ByteString response) {
      int start = response.size() - bytes.length;
      return start == 1 + CodedOutputStream.computeUInt32SizeNoTag(bytes.length)
          && response.byteAt(0) == TAG
          && ContentDigest.endsWith(response, bytes);
    }
  }

  /**
   * @param limit limits their bytes
   */
  LastStatuses(SharedLimit limit) {
    this.limit = limit;
    this.held = limit.share();
  }

  /**
   * Keeps a status, unless a later one is known.
   *
   * @param status a ContainerStatus
   * @return whether none was known that tells the same state
   */
  boolean show(String id, ByteString status, long state, long asked) {
    Status before = byContainer.get(id);
    if (before != null && before.asked > asked) {
      return false;
    }
    if (before != null && before.is(status)) {
      before.asked = asked;
      return false;
    }
    if (before != null) {
      byContainer.remove(id);
      held.free(Status.weight(before.bytes.length));
    }
    boolean isKept = keep(id, status, state, asked);
    return isKept && (before == null || before.state != state);
  }

  /**
   * The status that is kept if {@code response} has it unchanged, as most have; else null.
   *
   * @param response a ContainerStatusResponse
   */
  @Nullable Status repeated(String id, ByteString response, long asked) {
    Status before = byContainer.get(id);
    if (before == null || !before.isAllOf(response)) {
      return null;
    }
    before.asked = Math.max(before.asked, asked);
    return before;
  }

  private boolean keep(String id, ByteString status, long state, long asked) {
    int weight = Status.weight(status.size());
    if (weight > limit.forOne()) {
      return false;
    }
    while (!held.take(weight)) {
      if (byContainer.isEmpty()) {
        return false;
      }
      dropEldest();
    }
    byContainer.put(id, new Status(status, state, asked));
    return true;
  }

  private void dropEldest() {
    Iterator<Status> eldest = byContainer.values().iterator();
    held.free(Status.weight(eldest.next().bytes.length));
    eldest.remove();
  }

  /** The last status, if the container was in this state then. */
  @Nullable ByteString of(String id, long state) {
    Status status = byContainer.get(id);
    return status != null && status.state == state
        ? UnsafeByteOperations.unsafeWrap(status.bytes)
        : null;
  }

  /** Drops all, and keeps none any more. */
  void retire() {
    byContainer.clear();
    held.close();
  }
}
