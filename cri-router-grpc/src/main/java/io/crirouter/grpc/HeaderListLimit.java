package io.crirouter.grpc;

import io.crirouter.core.CallMetadata;
import io.crirouter.core.RpcStatus;

/**
 * Shortens headers and statuses to the header list that a client accepts. A status is sent as
 * HTTP/2 headers. A client that receives a longer list than it announced ends the call without the
 * status, or the connection.
 */
final class HeaderListLimit {
  /** What gRPC clients in Go, such as kubelets, accept without announcing it. */
  static final long UNANNOUNCED_BYTES = 16 << 20;

  /** What HTTP/2 counts for each header besides its name and value. */
  private static final int HEADER_BYTES = 32;

  /** Room for the headers that gRPC adds. */
  private static final int OWN_BYTES = 512;

  private static final int BYTES_PER_ESCAPE = 3;

  private HeaderListLimit() {}

  /**
   * Returns {@code status} if it fits, else without trailers and with as much of its message as
   * fits.
   *
   * @param limit the largest header list that the client accepts, in bytes
   */
  static RpcStatus fit(RpcStatus status, long limit) {
    long room = Math.min(limit, UNANNOUNCED_BYTES) - OWN_BYTES;
    String message = status.message();
    if (encodedLength(message) + length(status.trailers()) <= room) {
      return status;
    }
    return RpcStatus.of(status.code(), cut(message, Math.max(0, room))).withOrigin(status.origin());
  }

  /** Returns {@code headers} if they fit, else none. */
  static CallMetadata fit(CallMetadata headers, long limit) {
    boolean fit = length(headers) <= Math.min(limit, UNANNOUNCED_BYTES) - OWN_BYTES;
    return fit ? headers : CallMetadata.EMPTY;
  }

  private static long length(CallMetadata headers) {
    long length = 0;
    for (CallMetadata.Entry entry : headers.entries()) {
      boolean isBinary = entry.key().endsWith("-bin");
      long value = entry.value().size();
      length += HEADER_BYTES + entry.key().length() + (isBinary ? (value + 2) / 3 * 4 : value);
    }
    return length;
  }

  private static String cut(String message, long room) {
    String end = "... (" + message.length() + " characters)";
    if (encodedLength(message) <= room) {
      return message;
    }
    if (end.length() > room) {
      return "";
    }
    long left = room - end.length();
    int length = 0;
    while (length < message.length() && left >= encodedLength(message.charAt(length))) {
      left -= encodedLength(message.charAt(length));
      length++;
    }
    boolean splitsPair = length > 0 && Character.isHighSurrogate(message.charAt(length - 1));
    return message.substring(0, splitsPair ? length - 1 : length) + end;
  }

  private static long encodedLength(String message) {
    long length = 0;
    for (int i = 0; i < message.length(); i++) {
      length += encodedLength(message.charAt(i));
    }
    return length;
  }

  /** The length of a character in a message: gRPC escapes all but printable ASCII. */
  private static int encodedLength(char c) {
    if (c >= ' ' && c < 0x7f && c != '%') {
      return 1;
    }
    int bytes = c < 0x80 ? 1 : c < 0x800 || Character.isSurrogate(c) ? 2 : 3;
    return bytes * BYTES_PER_ESCAPE;
  }
}
