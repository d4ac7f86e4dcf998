package io.crirouter.examples.criproxy.handover;

import io.crirouter.examples.criproxy.admin.AdminRpcs;
import io.grpc.MethodDescriptor;
import org.jspecify.annotations.Nullable;

/**
 * What successor and predecessor tell each other, in this order:
 *
 * <ol>
 *   <li>successor {@link Kind#FOLLOW}, predecessor {@link Kind#FOLLOWED} or the end of the stream
 *   <li>at any time after that: predecessor {@link Kind#CHANGED}, successor {@link Kind#KNOWN}
 *   <li>successor {@link Kind#SERVING}, predecessor {@link Kind#RELEASED}
 *   <li>the end of the stream, when the predecessor has finished its calls
 * </ol>
 *
 * @param kind what is said
 * @param number a process id, or which change
 * @param text the listen socket of the predecessor
 */
record HandOverMessage(Kind kind, long number, @Nullable String text) {
  static final MethodDescriptor<HandOverMessage, HandOverMessage> RPC =
      AdminRpcs.conversation("HandOver", HandOverMessage.class, HandOverMessage.class);

  enum Kind {
    /** The successor, a process with this id, is about to connect to the runtimes. */
    FOLLOW,
    /** From now on the successor is told of changes. The text is where the predecessor listens. */
    FOLLOWED,
    /** Something was created that a client hears of when the successor knows it too. */
    CHANGED,
    /** The successor has asked the runtimes since the change of this number. */
    KNOWN,
    /** The successor has bound the listen socket. */
    SERVING,
    /** The predecessor writes no state any more, and finishes its calls. */
    RELEASED
  }

  static HandOverMessage of(Kind kind) {
    return of(kind, 0);
  }

  static HandOverMessage of(Kind kind, long number) {
    return new HandOverMessage(kind, number, null);
  }
}
