package io.crirouter.examples.criproxy.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Suggests an accepted word for a mistyped one. */
final class Nearest {
  private static final int CHARACTERS_PER_TYPO = 3;

  private Nearest() {}

  /** The end of a message: the nearest word to {@code given}, if any, and all accepted words. */
  static String accepted(String given, Collection<String> known) {
    return nearest(given, known).map(name -> ", did you mean '" + name + "'?").orElse(";")
        + " accepted: "
        + String.join(", ", known);
  }

  private static Optional<String> nearest(String given, Collection<String> known) {
    int typos = (given.length() + 1) / CHARACTERS_PER_TYPO;
    return known.stream()
        .filter(name -> distance(given, name) <= typos)
        .min(Comparator.comparingInt(name -> distance(given, name)));
  }

  /** The Levenshtein distance, ignoring case. */
  private static int distance(String given, String name) {
    String one = given.toLowerCase(Locale.ROOT);
    String other = name.toLowerCase(Locale.ROOT);
    int[] row = new int[other.length() + 1];
    for (int j = 0; j < row.length; j++) {
      row[j] = j;
    }
    for (int i = 1; i <= one.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j < row.length; j++) {
        int changed = diagonal + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(changed, Math.min(row[j], row[j - 1]) + 1);
      }
    }
    return row[other.length()];
  }
}
