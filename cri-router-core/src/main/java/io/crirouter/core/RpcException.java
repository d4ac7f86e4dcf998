package io.crirouter.core;

/** Ends a call with an {@link RpcStatus}. Has no stack trace: it is a response. */
public final class RpcException extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient RpcStatus status;

  /** An exception that ends a call with {@code status}, which must not be OK. */
  public RpcException(RpcStatus status) {
    super(status.toString(), null, false, false);
    if (status.isOk()) {
      throw new IllegalArgumentException("OK is not an exception");
    }
    this.status = status;
  }

  /** Shorthand for a status with the origin ROUTER. */
  public RpcException(RpcStatus.Code code, String message) {
    this(RpcStatus.of(code, message));
  }

  /** The status that the call ends with. */
  public RpcStatus status() {
    return status;
  }
}
