package io.crirouter.grpc;

import io.crirouter.core.CriMethod;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Counts the messages of one answer: a unary rpc that succeeds has exactly one. */
final class Cardinality {
  private final CriMethod method;
  private final Supplier<String> call;
  private int messages;

  /**
   * Nothing counted yet.
   *
   * @param call the rpc, and where it went if there is a choice, for messages
   */
  Cardinality(CriMethod method, Supplier<String> call) {
    this.method = method;
    this.call = call;
  }

  /** Counts a message. Returns how the call ends if it is one too many, else null. */
  @Nullable RpcStatus count() {
    messages++;
    return messages > 1 && !method.serverStreaming()
        ? broken("the runtime sent more than one message")
        : null;
  }

  /** Whether there may be another message. */
  boolean expectsMore() {
    return messages == 0 || method.serverStreaming();
  }

  /** The status of the call if {@code status} is how the runtime ended it. */
  RpcStatus check(RpcStatus status) {
    return status.isOk() && messages == 0 && !method.serverStreaming()
        ? broken("the runtime ended the call with OK, but without a message")
        : status;
  }

  private RpcStatus broken(String what) {
    return RpcStatus.of(Code.INTERNAL, call.get() + ": " + what);
  }
}
