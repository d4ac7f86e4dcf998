package io.crirouter.examples.criproxy.service;

import java.time.Instant;
import java.util.List;

/**
 * The outcome of a reload of the configuration.
 *
 * @param at when it ended
 * @param isApplied whether the new configuration is in force; if not, the former one still is
 * @param message what has changed, or why nothing has
 */
public record ReloadReport(Instant at, boolean isApplied, String message) {
  static ReloadReport applied(Instant at, List<String> changes) {
    return new ReloadReport(
        at, true, changes.isEmpty() ? "nothing has changed" : String.join("; ", changes));
  }

  static ReloadReport refused(Instant at, String why) {
    return new ReloadReport(at, false, why);
  }
}
