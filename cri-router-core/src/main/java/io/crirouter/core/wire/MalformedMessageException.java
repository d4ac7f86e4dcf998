package io.crirouter.core.wire;

/**
 * Bytes that are not a protobuf message. Has no stack trace: the bytes are to blame, not the code.
 */
public final class MalformedMessageException extends Exception {
  private static final long serialVersionUID = 1L;

  MalformedMessageException(String message, int position) {
    super(message + " at byte " + position, null, false, false);
  }
}
