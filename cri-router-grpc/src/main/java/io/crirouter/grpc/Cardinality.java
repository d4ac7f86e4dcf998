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
   * A counter at 0.
   *
   * @param call the name of the call, for messages
   */
  Cardinality(CriMethod method, Supplier<String> call) {
    this.method = method;
    this.call = call;
  }

  /** Counts a message. Returns the status to end the call with if it is one too many, else null. */
  @Nullable RpcStatus count() {
    messages++;
    return messages > 1 && !method.serverStreaming()
        ? internal("the runtime sent more than one message")
        : null;
  }

  /** Whether there may be another message. */
  boolean expectsMore() {
    return messages == 0 || method.serverStreaming();
  }

  /** Returns the status of the call if the runtime ended it with {@code status}. */
  RpcStatus check(RpcStatus status) {
    return status.isOk() && messages == 0 && !method.serverStreaming()
        ? internal("the runtime ended the call with OK, but without a message")
        : status;
  }

  private RpcStatus internal(String what) {
    return RpcStatus.of(Code.INTERNAL, call.get() + ": " + what);
  }
}
