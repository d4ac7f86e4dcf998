package io.crirouter.core;

import static java.util.Objects.requireNonNull;

import com.google.protobuf.ByteString;

/**
 * One CRI call on its way to a runtime. CRI has no client streaming, so that a call has exactly one
 * request message. Immutable.
 */
public final class CriRequest {
  /** The {@link #timeoutNanos} of a call without a deadline. */
  public static final long NO_TIMEOUT = Long.MAX_VALUE;

  private final CriMethod method;
  private final ByteString message;
  private final long timeoutNanos;
  private final CallMetadata metadata;

  private CriRequest(
      CriMethod method, ByteString message, long timeoutNanos, CallMetadata metadata) {
    this.method = requireNonNull(method, "method");
    this.message = requireNonNull(message, "message");
    this.timeoutNanos = timeoutNanos;
    this.metadata = requireNonNull(metadata, "metadata");
  }

  /**
   * A call without deadline and headers.
   *
   * @param message the serialized request message, in the wire format that v1 and v1alpha2 share
   */
  public static CriRequest of(CriMethod method, ByteString message) {
    return new CriRequest(method, message, NO_TIMEOUT, CallMetadata.EMPTY);
  }

  /** The rpc. */
  public CriMethod method() {
    return method;
  }

  /** The serialized request message, in the wire format that v1 and v1alpha2 share. */
  public ByteString message() {
    return message;
  }

  /**
   * The time left for the call when it is handed over, in nanoseconds; {@link #NO_TIMEOUT} if the
   * caller set none.
   */
  public long timeoutNanos() {
    return timeoutNanos;
  }

  /** The request headers that travel along, trace context for example. */
  public CallMetadata metadata() {
    return metadata;
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

  /** The same call with other headers. */
  public CriRequest withMetadata(CallMetadata headers) {
    return new CriRequest(method, message, timeoutNanos, headers);
  }

  /** The rpc and the size, never the content: requests hold credentials. */
  @Override
  public String toString() {
    return method.name() + "(" + message.size() + " bytes)";
  }
}
