package io.crirouter.core.internal.backend;

import com.google.protobuf.ByteString;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;

/**
 * The response of one backend to one call, or its failure.
 *
 * @param backend the backend
 * @param message the serialized response, empty unless {@code status} is OK; the messages of a
 *     stream are concatenated, which for list messages is their union
 * @param status how the call ended
 * @param isWithheld whether the backend has content that could not be translated for the client, so
 *     that a list without it would be wrong
 */
public record BackendResponse(
    Backend backend, ByteString message, RpcStatus status, boolean isWithheld) {
  /** A response, or a failure of the backend. */
  public BackendResponse(Backend backend, ByteString message, RpcStatus status) {
    this(backend, message, status, false);
  }

  /** A failure. */
  public static BackendResponse failure(Backend backend, RpcStatus status) {
    return new BackendResponse(backend, ByteString.EMPTY, status);
  }

  /** Whether the backend answered with success. */
  public boolean isOk() {
    return status.isOk();
  }

  /** The same, or UNIMPLEMENTED: the backend has no objects of this kind. */
  public boolean isAnswer() {
    return status.isOk() || status.isUnimplemented();
  }

  /**
   * Whether the backend did not answer in time. A backend that leaves the Version or a list that
   * the router itself requested unanswered hangs.
   */
  boolean isTimeout() {
    return status.code() == Code.DEADLINE_EXCEEDED;
  }
}
