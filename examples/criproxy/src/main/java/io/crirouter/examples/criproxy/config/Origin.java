package io.crirouter.examples.criproxy.config;

/**
 * Where a part of the configuration comes from.
 *
 * @param place what an error begins with: FILE:LINE:COLUMN, or the name of an option
 * @param brief the same without the column
 */
public record Origin(String place, String brief) {
  static final Origin DEFAULT = new Origin("default", "default");

  /** An option of the command line. */
  public static Origin option(String name) {
    return new Origin(name, name);
  }

  /** Whether it is an option, which says which key it is about. */
  boolean isOption() {
    return place.startsWith("--");
  }

  /** A place in a file; lines and columns count from 1. */
  static Origin file(String file, int line, int column) {
    String brief = file + ":" + line;
    return new Origin(brief + ":" + column, brief);
  }
}
