package io.crirouter.examples.criproxy.admin;

import io.crirouter.examples.criproxy.config.BadConfigurationException;
import io.crirouter.examples.criproxy.config.ProxyConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Which proxy is asked, and how its answer is shown. */
public final class AdminOptions {
  private static final String PACKAGED = "/etc/criproxy/criproxy.yaml";
  private static final Path BESIDE_PACKAGED = Path.of("/run/criproxy/criproxy-admin.sock");

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--admin",
      paramLabel = "PATH",
      defaultValue = "${env:CRIPROXY_ADMIN}",
      description =
          "The admin socket of the proxy; its log names it when it starts. By default the "
              + "value of CRIPROXY_ADMIN, else what the configuration says.")
  private Optional<Path> socket = Optional.empty();

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "The configuration of the proxy; by default " + PACKAGED + ", if there is one.")
  private Optional<Path> file = Optional.empty();

  @Mixin private OutputOption output = new OutputOption();

  /**
   * Connects to it.
   *
   * @throws BadConfigurationException if the configuration that was named has no admin socket
   * @throws IOException if nobody can be asked there
   */
  public AdminClient connect() throws BadConfigurationException, IOException {
    return AdminClient.connect(socket());
  }

  private Path socket() throws BadConfigurationException {
    if (socket.isPresent()) {
      return socket.get();
    }
    if (file.isPresent()) {
      return configured(file.get());
    }
    try {
      return configured(Path.of(PACKAGED));
    } catch (BadConfigurationException e) {
      // A proxy with a file that was broken since is asked why it does not take it.
      return BESIDE_PACKAGED;
    }
  }

  private static Path configured(Path file) throws BadConfigurationException {
    return ProxyConfig.adminSocket(ProxyConfig.load(file))
        .orElseThrow(() -> new BadConfigurationException(file + ": admin.socket is off", null));
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
