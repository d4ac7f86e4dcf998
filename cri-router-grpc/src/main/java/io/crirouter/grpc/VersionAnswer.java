package io.crirouter.grpc;

import com.google.protobuf.ByteString;
import io.crirouter.core.CallMetadata;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcStatus;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Collects the answer to a Version call, to hand it on as a whole. */
final class VersionAnswer implements ResponseListener {
  private final Consumer<VersionAnswer> onComplete;
  private @Nullable CallMetadata headers;
  private @Nullable ByteString message;
  private RpcStatus status = RpcStatus.OK;

  /**
   * Nothing collected yet.
   *
   * @param onComplete told when the call has ended
   */
  VersionAnswer(Consumer<VersionAnswer> onComplete) {
    this.onComplete = onComplete;
  }

  @Override
  public void onHeaders(CallMetadata received) {
    headers = received;
  }

  @Override
  public void onMessage(ByteString received) {
    message = received;
  }

  @Override
  public void onClose(RpcStatus end) {
    status = end;
    onComplete.accept(this);
  }

  /** How the call ended. */
  RpcStatus status() {
    return status;
  }

  /** Whether there is a message, which takes a caller that has asked for it. */
  boolean hasMessage() {
    return message != null;
  }

  /** Tells {@code receiver} all but the end. */
  void tell(ResponseListener receiver) {
    if (headers != null) {
      receiver.onHeaders(headers);
    }
    if (message != null) {
      receiver.onMessage(message);
    }
  }
}
