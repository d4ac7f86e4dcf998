package io.crirouter.examples.criproxy.handover;

import io.crirouter.examples.criproxy.admin.AdminRpcs;
import io.grpc.MethodDescriptor;
import org.jspecify.annotations.Nullable;

/**
 * A message between successor and predecessor. The order of messages:
 *
 * <ol>
 *   <li>successor {@link Kind#FOLLOW}, predecessor {@link Kind#FOLLOWED} or the end of the stream
 *   <li>at any time after that: predecessor {@link Kind#CHANGED}, successor {@link Kind#KNOWN}
 *   <li>successor {@link Kind#SERVING}, predecessor {@link Kind#RELEASED}
 *   <li>the end of the stream, when the predecessor has finished its calls
 * </ol>
 *
 * @param kind the kind of message
 * @param number the process id for FOLLOW, the number of the change for CHANGED and KNOWN
 * @param text the listen socket of the predecessor, for FOLLOWED
 */
record HandOverMessage(Kind kind, long number, @Nullable String text) {
  static final MethodDescriptor<HandOverMessage, HandOverMessage> RPC =
      AdminRpcs.bidiStreaming("HandOver", HandOverMessage.class, HandOverMessage.class);

  enum Kind {
    /** The successor, a process with this id, is about to connect to the runtimes. */
    FOLLOW,
    /** The successor is notified of changes from now on. */
    FOLLOWED,
    /** An object was created. The client gets its response when the successor knows it too. */
    CHANGED,
    /** The successor has listed the runtimes since the change of this number. */
    KNOWN,
    /** The successor has bound the listen socket. */
    SERVING,
    /** The predecessor no longer writes state. It finishes its calls. */
    RELEASED
  }

  static HandOverMessage of(Kind kind) {
    return of(kind, 0);
  }

  static HandOverMessage of(Kind kind, long number) {
    return new HandOverMessage(kind, number, null);
  }
}
