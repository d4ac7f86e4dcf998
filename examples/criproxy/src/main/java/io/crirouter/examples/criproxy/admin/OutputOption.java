package io.crirouter.examples.criproxy.admin;

import picocli.CommandLine.Option;

/** How an answer is shown. */
final class OutputOption {
  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      converter = FormatWord.class,
      defaultValue = "table",
      description = "table or json; table by default.")
  private Format format = Format.TABLE;

  /** The ways to show it. */
  enum Format {
    /** For people. */
    TABLE,
    /** For programs. */
    JSON
  }

  /** Reads one. */
  static final class FormatWord extends Words<Format> {
    FormatWord() {
      super(Format.class);
    }
  }

  boolean isJson() {
    return format == Format.JSON;
  }
}
