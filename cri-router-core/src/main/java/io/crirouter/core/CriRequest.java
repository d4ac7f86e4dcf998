package io.crirouter.core;

import static java.util.Objects.requireNonNull;

import com.google.protobuf.ByteString;

/**
 * One CRI call on its way to a runtime. CRI has no client streaming, so that a call has exactly one
 * request message.
 *
 * @param method the rpc
 * @param message the serialized request message, in the wire format that v1 and v1alpha2 share
 * @param timeoutNanos time left for the call when it is handed over, in nanoseconds; {@link
 *     #NO_TIMEOUT} if the caller set none
 * @param metadata request headers that travel along, trace context for example
 */
public record CriRequest(
    CriMethod method, ByteString message, long timeoutNanos, CallMetadata metadata) {
  /** The {@link #timeoutNanos} of a call without a deadline. */
  public static final long NO_TIMEOUT = Long.MAX_VALUE;

  /** Checks for nulls. */
  public CriRequest {
    requireNonNull(method, "method");
    requireNonNull(message, "message");
    requireNonNull(metadata, "metadata");
  }

  /** A call without deadline and headers. */
  public static CriRequest of(CriMethod method, ByteString message) {
    return new CriRequest(method, message, NO_TIMEOUT, CallMetadata.EMPTY);
  }

  /** The same call with another message. */
  public CriRequest withMessage(ByteString other) {
    return new CriRequest(method, other, timeoutNanos, metadata);
  }

  /** The same call as another rpc with another message. */
  public CriRequest with(CriMethod otherMethod, ByteString otherMessage) {
    return new CriRequest(otherMethod, otherMessage, timeoutNanos, metadata);
  }

  /** The same call with another time limit, in nanoseconds. */
  public CriRequest withTimeoutNanos(long nanos) {
    return new CriRequest(method, message, nanos, metadata);
  }

  /** The rpc and the size, never the content: requests hold credentials. */
  @Override
  public String toString() {
    return method.name() + "(" + message.size() + " bytes)";
  }
}
