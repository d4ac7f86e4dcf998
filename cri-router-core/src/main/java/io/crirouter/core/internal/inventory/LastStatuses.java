package io.crirouter.core.internal.inventory;

import com.google.common.cache.Cache;
import com.google.common.cache.CacheBuilder;
import com.google.protobuf.ByteString;
import io.crirouter.core.internal.wire.MalformedMessageException;
import io.crirouter.core.internal.wire.WireMessage;
import io.crirouter.proto.v1.ContainerStatus;
import io.crirouter.proto.v1.ContainerStatusResponse;
import org.jspecify.annotations.Nullable;

/**
 * What a runtime answered last when a client asked for the status of a container. Those that were
 * asked for least recently are dropped when there are too many. Not thread-safe.
 */
final class LastStatuses {
  private static final int[] ID = {
    ContainerStatusResponse.STATUS_FIELD_NUMBER, ContainerStatus.ID_FIELD_NUMBER
  };
  private static final int[] STATE = {
    ContainerStatusResponse.STATUS_FIELD_NUMBER, ContainerStatus.STATE_FIELD_NUMBER
  };

  private final Cache<String, Status> byContainer;

  /**
   * One answer.
   *
   * @param state of the container in it
   * @param asked the sequence number of the request
   */
  private record Status(ByteString response, long state, long asked) {
    /** About what an entry takes besides its response. */
    private static final int OVERHEAD = 256;

    int bytes() {
      return OVERHEAD + response.size();
    }
  }

  LastStatuses(long maxBytes) {
    byContainer =
        CacheBuilder.newBuilder()
            .concurrencyLevel(1)
            .maximumWeight(maxBytes)
            .weigher((String id, Status status) -> status.bytes())
            .build();
  }

  /** The container of a response. */
  static String id(ByteString response) throws MalformedMessageException {
    return WireMessage.stringIn(response, ID);
  }

  /** The state of the container of a response. */
  static long state(ByteString response) throws MalformedMessageException {
    return WireMessage.numberIn(response, STATE);
  }

  /**
   * Keeps a response, unless a later request has been answered already. What only a verbose request
   * gets is not kept: it can be long, and may hold what not every client should see.
   *
   * @return whether none was kept that tells the same state
   */
  boolean show(String id, ByteString response, long state, long asked)
      throws MalformedMessageException {
    Status before = byContainer.getIfPresent(id);
    if (before != null && before.asked() > asked) {
      return false;
    }
    byContainer.put(id, new Status(withoutInfo(response), state, asked));
    return before == null || before.state() != state;
  }

  /** The rest is copied, for it may be the smaller part of an array. */
  private static ByteString withoutInfo(ByteString response) throws MalformedMessageException {
    WireMessage message = WireMessage.parse(response);
    return message.has(ContainerStatusResponse.INFO_FIELD_NUMBER)
        ? ByteString.copyFrom(
            message.without(ContainerStatusResponse.INFO_FIELD_NUMBER).toByteArray())
        : response;
  }

  /** The last response, if the container was in this state then. */
  @Nullable ByteString of(String id, long state) {
    Status status = byContainer.getIfPresent(id);
    return status != null && status.state() == state ? status.response() : null;
  }

  void clear() {
    byContainer.invalidateAll();
  }
}
