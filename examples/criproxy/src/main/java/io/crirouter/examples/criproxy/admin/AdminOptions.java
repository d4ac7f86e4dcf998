package io.crirouter.examples.criproxy.admin;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Which proxy is asked, and how its answer is shown. */
final class AdminOptions {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--admin",
      paramLabel = "PATH",
      defaultValue = "${env:CRIPROXY_ADMIN:-/run/criproxy/criproxy-admin.sock}",
      description = {
        "The admin socket of the proxy; its log names it when it starts.",
        "By default the value of CRIPROXY_ADMIN, else /run/criproxy/criproxy-admin.sock."
      })
  private Path socket = Path.of("/run/criproxy/criproxy-admin.sock");

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "table",
      description = "table or json; table by default.")
  private Format format = Format.TABLE;

  /** How answers are shown. */
  enum Format {
    /** For people. */
    TABLE,
    /** For programs. */
    JSON;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  AdminClient connect() throws IOException {
    return AdminClient.connect(socket);
  }

  boolean isJson() {
    return format == Format.JSON;
  }

  /** Colours, if somebody looks at a terminal and wants them (NO_COLOR). */
  Ansi ansi() {
    return Ansi.AUTO;
  }

  void print(String text) {
    spec.commandLine().getOut().print(text);
    spec.commandLine().getOut().flush();
  }
}
