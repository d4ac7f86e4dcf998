package io.crirouter.examples.criproxy.config;

import java.util.Optional;

/**
 * Where a part of the configuration comes from.
 *
 * @param place what an error begins with: FILE:LINE:COLUMN, or the name of an option
 * @param brief the same without the column
 * @param file the file; empty if it is none
 */
public record Origin(String place, String brief, Optional<String> file) {
  static final Origin DEFAULT = new Origin("default", "default", Optional.empty());

  /** An option of the command line. */
  public static Origin option(String name) {
    return new Origin(name, name, Optional.empty());
  }

  /** Whether it is an option, which says which key it is about. */
  boolean isOption() {
    return place.startsWith("--");
  }

  /** A place in a file; lines and columns count from 1. */
  static Origin file(String file, int line, int column) {
    String brief = file + ":" + line;
    return new Origin(brief + ":" + column, brief, Optional.of(file));
  }
}
