package io.crirouter.testkit.router;

import java.util.logging.Level;

/** What the router logs at the level ERROR while this is open. */
final class Errors extends LogLines {
  Errors() {
    super(Level.SEVERE);
  }
}
