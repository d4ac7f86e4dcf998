package io.crirouter.testkit.router;

import java.util.logging.Level;

/** Captures the log of the router at the level ERROR while it is open. */
final class ErrorLog extends CapturedLog {
  ErrorLog() {
    super(Level.SEVERE);
  }
}
