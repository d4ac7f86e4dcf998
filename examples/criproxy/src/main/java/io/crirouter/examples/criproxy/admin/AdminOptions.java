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

/** The options of all admin commands: which proxy to ask, and the output format. */
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
          "The admin socket of the proxy, which it logs at its start. By default the value of "
              + "CRIPROXY_ADMIN, else the socket of the configuration.")
  private Optional<Path> socket = Optional.empty();

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "The configuration of the proxy; by default " + PACKAGED + ", if there is one.")
  private Optional<Path> file = Optional.empty();

  @Mixin private OutputOption output = new OutputOption();

  /**
   * Connects to the admin socket.
   *
   * @throws BadConfigurationException if the configuration has no admin socket
   * @throws IOException if the socket is missing or access is denied
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
      // The file may be invalid since the start. The running proxy reports why it refused it.
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

  /** Colours on a terminal, unless NO_COLOR is set. */
  Ansi ansi() {
    return Ansi.AUTO;
  }

  /** Prints on standard output. */
  public void print(String text) {
    spec.commandLine().getOut().print(text);
    spec.commandLine().getOut().flush();
  }

  /** Prints a notice on standard error. */
  void notice(String text) {
    spec.commandLine().getErr().println(text);
  }

  /** Whether standard output is closed by its reader. */
  boolean isOutputClosed() {
    return spec.commandLine().getOut().checkError();
  }
}
