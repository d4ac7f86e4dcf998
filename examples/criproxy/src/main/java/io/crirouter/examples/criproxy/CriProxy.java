package io.crirouter.examples.criproxy;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command line of the proxy. */
@Command(
    name = "criproxy",
    description = "Routes the CRI calls of one kubelet among several container runtimes.",
    synopsisSubcommandLabel = "COMMAND",
    mixinStandardHelpOptions = true,
    versionProvider = CriProxy.Version.class,
    subcommands = {RunCommand.class, DemoCommand.class, RehearseCommand.class})
public final class CriProxy {
  private CriProxy() {}

  /**
   * Runs a command; exits 0 on success, 2 if the configuration is wrong, 1 on any other failure.
   */
  public static void main(String[] args) {
    System.exit(commandLine().execute(args));
  }

  static CommandLine commandLine() {
    return new CommandLine(new CriProxy())
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setExecutionExceptionHandler(CriProxy::report)
        .setUsageHelpAutoWidth(true);
  }

  /** What went wrong, without the stack trace that only developers can read. */
  private static int report(
      Exception failure, CommandLine command, CommandLine.ParseResult parsed) {
    String message = failure.getMessage();
    command
        .getErr()
        .println("criproxy: " + (message == null ? failure.getClass().getSimpleName() : message));
    return failure instanceof BadConfigurationException
        ? CommandLine.ExitCode.USAGE
        : CommandLine.ExitCode.SOFTWARE;
  }

  static final class Version implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = CriProxy.class.getPackage().getImplementationVersion();
      return new String[] {"criproxy " + (version == null ? "(built from source)" : version)};
    }
  }
}
