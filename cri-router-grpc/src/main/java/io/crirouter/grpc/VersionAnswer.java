package io.crirouter.grpc;

import com.google.protobuf.ByteString;
import io.crirouter.core.CallMetadata;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcStatus;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Collects the answer to a Version call, to deliver it as a whole. */
final class VersionAnswer implements ResponseListener {
  private final Consumer<VersionAnswer> onComplete;
  private @Nullable CallMetadata headers;
  private @Nullable ByteString message;
  private RpcStatus status = RpcStatus.OK;

  /**
   * Nothing collected yet.
   *
   * @param onComplete called when the call has ended
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

  /** Whether there is a message. It may be delivered only to a caller that has requested one. */
  boolean hasMessage() {
    return message != null;
  }

  /** Delivers headers and message to {@code receiver}, but not the end of the call. */
  void deliverTo(ResponseListener receiver) {
    if (headers != null) {
      receiver.onHeaders(headers);
    }
    if (message != null) {
      receiver.onMessage(message);
    }
  }
}
