package io.crirouter.core.internal.call;

import com.google.protobuf.ByteString;
import org.jspecify.annotations.Nullable;

/** Counts the size of one response that is kept as a whole, and limits it. */
public final class ResponseSize {
  /** Four times the largest message that a kubelet accepts. */
  private static final int MAX_MEBIBYTES = 64;

  /**
   * Half of the largest message that a kubelet accepts: the response of a secondary must leave room
   * for the primary's in the same message.
   */
  private static final int MAX_MEBIBYTES_BESIDE_OTHERS = 8;

  /** What one secondary's responses that wait to be merged have together, if no other has any. */
  private static final int MAX_MEBIBYTES_UNDER_WAY = 12;

  /** The same of all secondaries. */
  private static final int MAX_MEBIBYTES_UNDER_WAY_OF_ALL = 18;

  /** The cost of a message besides its bytes, so that a stream of empty messages is limited too. */
  private static final int MESSAGE_COST = 64;

  private final int maxMebibytes;

  /** Where its bytes are counted together with others; null for nowhere. */
  private final SharedLimit.@Nullable Share room;

  private long cost;
  private long held;

  private ResponseSize(int maxMebibytes, SharedLimit.@Nullable Share room) {
    this.maxMebibytes = maxMebibytes;
    this.room = room;
  }

  /** The limit on the responses of all secondaries that wait to be merged. */
  public static SharedLimit underWay() {
    return new SharedLimit(
        (long) MAX_MEBIBYTES_UNDER_WAY << 20, (long) MAX_MEBIBYTES_UNDER_WAY_OF_ALL << 20);
  }

  /** Limits a response of the primary, or of a secondary, which is to be merged with others. */
  public static ResponseSize of(boolean isPrimary) {
    return new ResponseSize(isPrimary ? MAX_MEBIBYTES : MAX_MEBIBYTES_BESIDE_OTHERS, null);
  }

  /** The same for a secondary, whose responses share {@code room} until each is released. */
  public static ResponseSize within(SharedLimit.Share room) {
    return new ResponseSize(MAX_MEBIBYTES_BESIDE_OTHERS, room);
  }

  /** Limits a response that nothing is merged with. */
  public static ResponseSize alone() {
    return new ResponseSize(MAX_MEBIBYTES, null);
  }

  /** Counts one more message; false if the response is too long then. */
  public boolean takes(ByteString message) {
    int more = message.size() + MESSAGE_COST;
    cost += more;
    return !isTooLong() && (room == null || takesRoom(room, more));
  }

  private boolean isTooLong() {
    return cost > (long) maxMebibytes << 20;
  }

  private synchronized boolean takesRoom(SharedLimit.Share shared, int more) {
    boolean taken = shared.take(more);
    held += taken ? more : 0;
    return taken;
  }

  /** The response has ended, and is no longer kept. */
  public synchronized void release() {
    if (room != null) {
      room.free(held);
      held = 0;
    }
  }

  /** The message for a response that is too long. */
  public String exceeded() {
    if (!isTooLong()) {
      return String.format(
          "answers under way have more than %d MiB of one runtime, or than their part of %d MiB of"
              + " all, which is all that is taken",
          MAX_MEBIBYTES_UNDER_WAY, MAX_MEBIBYTES_UNDER_WAY_OF_ALL);
    }
    return "the answer is longer than " + maxMebibytes + " MiB, which is all that is taken";
  }
}
