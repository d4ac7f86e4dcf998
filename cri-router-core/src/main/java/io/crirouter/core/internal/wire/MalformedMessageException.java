package io.crirouter.core.internal.wire;

/** Bytes that are not a protobuf message. Has no stack trace: it is no error in the code. */
public final class MalformedMessageException extends Exception {
  private static final long serialVersionUID = 1L;

  /** Bytes that are a message, but not of the kind that was expected. */
  public MalformedMessageException(String message) {
    super(message, null, false, false);
  }

  MalformedMessageException(String message, int position) {
    super(message + " at byte " + position, null, false, false);
  }
}
