package io.crirouter.core.internal.call;

import com.google.protobuf.ByteString;

/** Counts the size of one response that is kept as a whole, and limits it. */
public final class ResponseSize {
  /** The message for a response that is too long. */
  public static final String EXCEEDED =
      "the answer is longer than 64 MiB, which is all that is taken";

  /** Four times the largest message that a kubelet accepts. */
  private static final long MAX_BYTES = 64L << 20;

  /** The cost of a message besides its bytes, so that a stream of empty messages is limited too. */
  private static final int MESSAGE_COST = 64;

  private long cost;

  /** Counts one more message; false if the response is too long then. */
  public boolean takes(ByteString message) {
    cost += message.size() + MESSAGE_COST;
    return cost <= MAX_BYTES;
  }
}
