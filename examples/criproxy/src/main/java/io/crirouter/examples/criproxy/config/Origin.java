package io.crirouter.examples.criproxy.config;

import java.util.Optional;

/**
 * The place where a part of the configuration was written.
 *
 * @param place the beginning of an error message: FILE:LINE:COLUMN, or the name of an option
 * @param brief the place without the column
 * @param file the file; empty for an option or a default
 */
public record Origin(String place, String brief, Optional<String> file) {
  static final Origin DEFAULT = new Origin("default", "default", Optional.empty());

  /** An option of the command line. */
  public static Origin option(String name) {
    return new Origin(name, name, Optional.empty());
  }

  /** Whether it is an option, whose name is as clear as that of a key. */
  boolean isOption() {
    return place.startsWith("--");
  }

  /** A place in a file; lines and columns count from 1. */
  static Origin file(String file, int line, int column) {
    String brief = file + ":" + line;
    return new Origin(brief + ":" + column, brief, Optional.of(file));
  }
}
