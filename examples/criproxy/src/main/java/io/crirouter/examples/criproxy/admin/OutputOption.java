package io.crirouter.examples.criproxy.admin;

import picocli.CommandLine.Option;

/** The output format of a command. */
final class OutputOption {
  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      converter = FormatConverter.class,
      defaultValue = "table",
      description = "table or json; table by default.")
  private Format format = Format.TABLE;

  /** The formats. */
  enum Format {
    /** A table, for operators. */
    TABLE,
    /** JSON, for programs. */
    JSON
  }

  /** Converts the name of a format. */
  static final class FormatConverter extends EnumConverter<Format> {
    FormatConverter() {
      super(Format.class);
    }
  }

  boolean isJson() {
    return format == Format.JSON;
  }
}
