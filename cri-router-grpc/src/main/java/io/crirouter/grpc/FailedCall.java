package io.crirouter.grpc;

import java.lang.System.Logger.Level;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Ends calls in which an exception occurred that no code here may throw. */
final class FailedCall {
  private FailedCall() {}

  /**
   * Logs the exception, and ends the call. An exception of the listener at the end is only logged.
   *
   * @param text for the log
   * @param end ends the call; takes what the message of the status says of the error
   */
  static void end(
      RateLimitedLog log, Supplier<String> text, Throwable failure, Consumer<String> end) {
    log.log(Level.ERROR, text, failure);
    try {
      end.accept("internal error: " + failure);
    } catch (RuntimeException e) {
      log.log(Level.DEBUG, () -> "cannot close a call that failed", e);
    }
  }
}
