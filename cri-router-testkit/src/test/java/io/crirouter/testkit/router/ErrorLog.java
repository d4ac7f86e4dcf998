package io.crirouter.testkit.router;

import java.util.logging.Level;

/** What the router logs at the level ERROR while this is open. */
final class ErrorLog extends CapturedLog {
  ErrorLog() {
    super(Level.SEVERE);
  }
}
