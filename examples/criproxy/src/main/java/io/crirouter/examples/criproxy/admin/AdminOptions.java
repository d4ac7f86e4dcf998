package io.crirouter.examples.criproxy.admin;

import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Which proxy is asked, and how its answer is shown. */
public final class AdminOptions {
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

  @Mixin private OutputOption output = new OutputOption();

  /** Connects to it. */
  public AdminClient connect() throws IOException {
    return AdminClient.connect(socket);
  }

  boolean isJson() {
    return output.isJson();
  }

  /** Colours, if somebody looks at a terminal and wants them (NO_COLOR). */
  Ansi ansi() {
    return Ansi.AUTO;
  }

  /** Prints on standard output. */
  public void print(String text) {
    spec.commandLine().getOut().print(text);
    spec.commandLine().getOut().flush();
  }

  /** Says something that does not belong to the answer. */
  void remark(String text) {
    spec.commandLine().getErr().println(text);
  }

  /** Whether nobody reads any more what is printed. */
  boolean isUnread() {
    return spec.commandLine().getOut().checkError();
  }
}
