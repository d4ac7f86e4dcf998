package io.crirouter.core.internal.backend;

import com.google.protobuf.ByteString;
import io.crirouter.core.RpcStatus;

/**
 * What one backend answered to one call.
 *
 * @param backend who
 * @param message the serialized response; the parts of a streamed one concatenated, which for
 *     messages made of lists is their union; empty unless {@code status} is OK
 * @param status how the call ended
 */
public record BackendResponse(Backend backend, ByteString message, RpcStatus status) {
  /** Whether the backend answered with success. */
  public boolean isOk() {
    return status.isOk();
  }
}
