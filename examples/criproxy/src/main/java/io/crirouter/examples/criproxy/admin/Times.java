package io.crirouter.examples.criproxy.admin;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** Formats points in time. */
final class Times {
  private Times() {}

  /** In ISO 8601, in UTC, to the second. */
  static String text(Instant time) {
    return time.truncatedTo(ChronoUnit.SECONDS).toString();
  }

  /** The age in two units at most, {@code 3h12m} for example; {@code ?} if it cannot be parsed. */
  static String age(String time, Instant now) {
    try {
      Duration age = Duration.between(Instant.parse(time), now);
      return age.isNegative() ? "0s" : text(age);
    } catch (DateTimeException e) {
      return "?";
    }
  }

  private static String text(Duration age) {
    if (age.toDays() > 0) {
      return age.toDays() + "d" + age.toHoursPart() + "h";
    }
    if (age.toHours() > 0) {
      return age.toHours() + "h" + age.toMinutesPart() + "m";
    }
    if (age.toMinutes() > 0) {
      return age.toMinutes() + "m" + age.toSecondsPart() + "s";
    }
    return age.toSeconds() + "s";
  }
}
