package io.crirouter.core.internal.inventory;

import com.google.common.cache.Cache;
import com.google.common.cache.CacheBuilder;
import com.google.protobuf.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * The statuses of containers, as a runtime told them last. Those that were told least recently are
 * dropped when there are too many. Not thread-safe.
 */
final class LastStatuses {
  private final boolean isOff;
  private final Cache<String, Status> byContainer;

  /**
   * One status.
   *
   * @param bytes the ContainerStatus
   * @param state of the container in it
   * @param asked the sequence number of the request
   */
  private record Status(ByteString bytes, long state, long asked) {
    /** About what an entry takes besides. */
    private static final int OVERHEAD = 256;

    int weight() {
      return OVERHEAD + bytes.size();
    }
  }

  /**
   * @param maxBytes zero if none are kept
   */
  LastStatuses(long maxBytes) {
    isOff = maxBytes == 0;
    byContainer =
        CacheBuilder.newBuilder()
            .concurrencyLevel(1)
            .maximumWeight(maxBytes)
            .weigher((String id, Status status) -> status.weight())
            .build();
  }

  /**
   * Keeps a status, unless a later one is known.
   *
   * @param status a ContainerStatus; it is copied, for it is a part of an answer
   * @return whether none was kept that tells the same state
   */
  boolean show(String id, ByteString status, long state, long asked) {
    Status before = byContainer.getIfPresent(id);
    if (isOff || (before != null && before.asked() > asked)) {
      return false;
    }
    ByteString kept =
        before != null && before.bytes().equals(status)
            ? before.bytes()
            : ByteString.copyFrom(status.asReadOnlyByteBuffer());
    byContainer.put(id, new Status(kept, state, asked));
    return before == null || before.state() != state;
  }

  /** The last status, if the container was in this state then. */
  @Nullable ByteString of(String id, long state) {
    Status status = byContainer.getIfPresent(id);
    return status != null && status.state() == state ? status.bytes() : null;
  }

  void clear() {
    byContainer.invalidateAll();
  }
}
