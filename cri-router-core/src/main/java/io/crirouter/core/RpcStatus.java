package io.crirouter.core;

import static java.util.Objects.requireNonNull;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How a call ended: a gRPC status as a value, with its trailers.
 *
 * <p>A status of a runtime passes through the router unchanged. A status with the {@link #origin}
 * {@link Origin#UNREACHABLE} was made on this side of the socket because no answer arrived. Only
 * such a status is about the backend; all others are about the call. Immutable.
 */
public final class RpcStatus {
  /** Success without trailers. */
  public static final RpcStatus OK = new RpcStatus(Code.OK, "", CallMetadata.EMPTY, Origin.RUNTIME);

  /** Who made a status. */
  public enum Origin {
    /** The runtime answered it. */
    RUNTIME,
    /** The router, or the transport on its side, made it: a refusal, a deadline, a cancellation. */
    ROUTER,
    /** The transport made it because the runtime could not be reached or the connection broke. */
    UNREACHABLE
  }

  /** The status codes of gRPC; the ordinal is the number on the wire. */
  public enum Code {
    /** Success. */
    OK,
    /** The caller cancelled the call. */
    CANCELLED,
    /** Any other error. */
    UNKNOWN,
    /** The request is wrong whatever the state of the system. */
    INVALID_ARGUMENT,
    /** The deadline has passed. */
    DEADLINE_EXCEEDED,
    /** The object does not exist; a kubelet takes it as "gone". */
    NOT_FOUND,
    /** The object exists already. */
    ALREADY_EXISTS,
    /** The caller may not do this. */
    PERMISSION_DENIED,
    /** A quota or size limit was hit. */
    RESOURCE_EXHAUSTED,
    /** The system is not in the state that the call needs. */
    FAILED_PRECONDITION,
    /** A concurrent change got in the way. */
    ABORTED,
    /** Outside the valid range. */
    OUT_OF_RANGE,
    /** The runtime does not have this rpc. */
    UNIMPLEMENTED,
    /** An invariant is broken. */
    INTERNAL,
    /** The runtime cannot be reached now; try again. */
    UNAVAILABLE,
    /** Data is lost for good. */
    DATA_LOSS,
    /** The caller has not said who it is. */
    UNAUTHENTICATED;

    private static final Code[] BY_NUMBER = values();

    /** The code with this wire number; {@link #UNKNOWN} for a number that gRPC does not define. */
    public static Code of(int number) {
      return number >= 0 && number < BY_NUMBER.length ? BY_NUMBER[number] : UNKNOWN;
    }

    /** The number on the wire. */
    @SuppressWarnings("EnumOrdinal") // the wire numbers have no gap and never change
    public int number() {
      return ordinal();
    }
  }

  private final Code code;
  private final String message;
  private final CallMetadata trailers;
  private final Origin origin;

  private RpcStatus(Code code, String message, CallMetadata trailers, Origin origin) {
    this.code = requireNonNull(code, "code");
    this.message = requireNonNull(message, "message");
    this.trailers = requireNonNull(trailers, "trailers");
    this.origin = requireNonNull(origin, "origin");
  }

  /** A status with the origin ROUTER, without trailers. */
  public static RpcStatus of(Code code, String message) {
    return new RpcStatus(code, message, CallMetadata.EMPTY, Origin.ROUTER);
  }

  /**
   * A status that a runtime answered, with the origin RUNTIME.
   *
   * @param message the human-readable message, empty if there is none
   * @param trailers trailing metadata, {@code grpc-status-details-bin} included
   */
  public static RpcStatus fromRuntime(Code code, String message, CallMetadata trailers) {
    return new RpcStatus(code, message, trailers, Origin.RUNTIME);
  }

  /** UNAVAILABLE because no answer came from the runtime; {@code message} has the reason. */
  public static RpcStatus unreachable(String message) {
    return new RpcStatus(Code.UNAVAILABLE, message, CallMetadata.EMPTY, Origin.UNREACHABLE);
  }

  /** The same status with other trailers. */
  public RpcStatus withTrailers(CallMetadata value) {
    return new RpcStatus(code, message, value, origin);
  }

  /** The same status with another origin. */
  public RpcStatus withOrigin(Origin value) {
    return new RpcStatus(code, message, trailers, value);
  }

  /** The gRPC status code. */
  public Code code() {
    return code;
  }

  /** The human-readable message, empty if there is none. */
  public String message() {
    return message;
  }

  /** The trailing metadata, {@code grpc-status-details-bin} included. */
  public CallMetadata trailers() {
    return trailers;
  }

  /** Who made the status. */
  public Origin origin() {
    return origin;
  }

  /** Whether the call succeeded. */
  public boolean isOk() {
    return code == Code.OK;
  }

  /** Whether the runtime (or any other end) has no such rpc. */
  public boolean isUnimplemented() {
    return code == Code.UNIMPLEMENTED;
  }

  /** Whether the runtime could not be reached, so that nothing is known about the call. */
  public boolean isUnreachable() {
    return origin == Origin.UNREACHABLE;
  }

  /** An exception with this status. */
  public RpcException asException() {
    return new RpcException(this);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof RpcStatus that
        && code == that.code
        && message.equals(that.message)
        && trailers.equals(that.trailers)
        && origin == that.origin;
  }

  @Override
  public int hashCode() {
    return Objects.hash(code, message, trailers, origin);
  }

  @Override
  public String toString() {
    return message.isEmpty() ? code.name() : code + ": " + message;
  }
}
