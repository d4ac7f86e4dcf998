package io.crirouter.core.internal.call;

import com.google.protobuf.ByteString;

/** Counts how long one answer is that has to be held as a whole, and says when it is too long. */
public final class ResponseSize {
  /** What is said of an answer that is too long. */
  public static final String EXCEEDED =
      "the answer is longer than 64 MiB, which is all that is taken";

  /** Four times what a kubelet takes in one message. */
  private static final long MAX_BYTES = 64L << 20;

  /** What a message costs besides its bytes: a stream of empty ones has an end too. */
  private static final int MESSAGE_COST = 64;

  private long cost;

  /** Counts one more message; false if that is too much. */
  public boolean takes(ByteString message) {
    cost += message.size() + MESSAGE_COST;
    return cost <= MAX_BYTES;
  }
}
