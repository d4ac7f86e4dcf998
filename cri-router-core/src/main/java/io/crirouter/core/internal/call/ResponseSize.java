package io.crirouter.core.internal.call;

import com.google.protobuf.ByteString;

/** Counts the size of one response that is kept as a whole, and limits it. */
public final class ResponseSize {
  /** Four times the largest message that a kubelet accepts. */
  private static final int MAX_MEBIBYTES = 64;

  /**
   * Half of the largest message that a kubelet accepts: the response of a secondary must leave room
   * for the primary's in the same message.
   */
  private static final int MAX_MEBIBYTES_BESIDE_OTHERS = 8;

  /** The cost of a message besides its bytes, so that a stream of empty messages is limited too. */
  private static final int MESSAGE_COST = 64;

  private final int maxMebibytes;
  private long cost;

  private ResponseSize(int maxMebibytes) {
    this.maxMebibytes = maxMebibytes;
  }

  /** Limits a response of the primary, or of a secondary, which is to be merged with others. */
  public static ResponseSize of(boolean isPrimary) {
    return new ResponseSize(isPrimary ? MAX_MEBIBYTES : MAX_MEBIBYTES_BESIDE_OTHERS);
  }

  /** Limits a response that nothing is merged with. */
  public static ResponseSize alone() {
    return new ResponseSize(MAX_MEBIBYTES);
  }

  /** Counts one more message; false if the response is too long then. */
  public boolean takes(ByteString message) {
    cost += message.size() + MESSAGE_COST;
    return cost <= (long) maxMebibytes << 20;
  }

  /** The message for a response that is too long. */
  public String exceeded() {
    return "the answer is longer than " + maxMebibytes + " MiB, which is all that is taken";
  }
}
