package io.crirouter.grpc;

import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.grpc.Status;
import io.grpc.netty.shaded.io.netty.channel.unix.Errors.NativeIoException;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Exception;
import java.io.FileNotFoundException;
import java.net.ConnectException;
import java.nio.channels.ClosedChannelException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Converts the end of a call by gRPC itself, without a status from the runtime. */
final class TransportFailure {
  /** Part of gRPC's text for a message above the limit. There is no other sign of it. */
  private static final String TOO_LARGE = "message exceeds maximum size";

  /** Start of gRPC's text for a call that the server reset. The connection stays open. */
  private static final String RESET = "RST_STREAM closed stream";

  /** gRPC's text for a connection that the server closed without an error. */
  private static final String NO_REASON = "Network closed for unknown reason";

  private TransportFailure() {}

  /**
   * The status of a call that gRPC ended.
   *
   * @param call the rpc and where it went, for messages
   * @param limits the limits of the call
   * @param connected whether the call reached an established connection
   */
  static RpcStatus of(Status status, String call, BackendLimits limits, boolean connected) {
    String text = Statuses.messageOf(status);
    if (text.startsWith(RESET)) {
      return RpcStatus.of(resetCode(status), call + ": the runtime broke off the call: " + text);
    }
    if (status.getCode() == Status.Code.UNAVAILABLE || isBroken(status.getCause())) {
      return RpcStatus.unreachable(reason(status, connected));
    }
    if (!connected) {
      return RpcStatus.unreachable("no gRPC server behind the socket: " + detail(status));
    }
    if (status.getCode() == Status.Code.RESOURCE_EXHAUSTED && text.contains(TOO_LARGE)) {
      return RpcStatus.of(
          Code.RESOURCE_EXHAUSTED,
          call
              + ": the answer is larger than the limit of "
              + limits.maxResponseBytes()
              + " bytes");
    }
    return RpcStatus.of(Statuses.codeOf(status), call + ": " + text);
  }

  /** The code of a reset. CANCELLED would mean that this side cancelled the call. */
  private static Code resetCode(Status status) {
    return status.getCode() == Status.Code.CANCELLED ? Code.UNAVAILABLE : Statuses.codeOf(status);
  }

  /**
   * Whether the whole connection is broken. gRPC has other codes than UNAVAILABLE for some ways.
   */
  private static boolean isBroken(@Nullable Throwable cause) {
    return cause instanceof ClosedChannelException
        || (cause instanceof Http2Exception http2 && !Http2Exception.isStreamError(http2));
  }

  private static String reason(Status status, boolean connected) {
    for (Throwable cause = status.getCause(); cause != null; cause = cause.getCause()) {
      if (cause instanceof FileNotFoundException) {
        return "no such socket";
      }
      if (cause instanceof ConnectException && cause.getCause() == null) {
        return errnoText(cause);
      }
    }
    String lost = connected ? "connection lost" : "cannot connect";
    String detail = detail(status);
    return detail.isEmpty() ? lost : lost + ": " + detail;
  }

  /**
   * Extracts {@code connection refused} from {@code connect(..) failed with error(-111): Connection
   * refused}.
   */
  private static String errnoText(Throwable cause) {
    String message = String.valueOf(cause.getMessage());
    return message.substring(message.lastIndexOf(": ") + 1).strip().toLowerCase(Locale.ROOT);
  }

  private static String detail(Status status) {
    Throwable cause = status.getCause();
    if (cause == null) {
      String text = Statuses.messageOf(status);
      return text.equals(NO_REASON) ? "" : text;
    }
    if (cause instanceof NativeIoException) {
      return errnoText(cause);
    }
    return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
  }
}
