package io.crirouter.examples.criproxy;

import io.crirouter.examples.criproxy.admin.CompletionCommand;
import io.crirouter.examples.criproxy.admin.HealthCommand;
import io.crirouter.examples.criproxy.admin.OwnerCommand;
import io.crirouter.examples.criproxy.admin.PodsCommand;
import io.crirouter.examples.criproxy.admin.RoutesCommand;
import io.crirouter.examples.criproxy.admin.StatusCommand;
import io.crirouter.examples.criproxy.admin.TraceCommand;
import io.crirouter.examples.criproxy.admin.WhereCommand;
import io.crirouter.examples.criproxy.bootstrap.BootstrapCommand;
import io.crirouter.examples.criproxy.config.BadConfigurationException;
import io.crirouter.examples.criproxy.handover.HandOverCommand;
import io.crirouter.examples.criproxy.logging.ProxyLog;
import java.time.Duration;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command line of the proxy. */
@Command(
    name = "criproxy",
    description = "Routes the CRI calls of one kubelet among several container runtimes.",
    synopsisSubcommandLabel = "COMMAND",
    mixinStandardHelpOptions = true,
    versionProvider = CriProxy.Version.class)
public final class CriProxy {
  private static final System.Logger LOG = System.getLogger("io.crirouter.criproxy");
  private static final Duration LOG_LIMIT = Duration.ofSeconds(2);

  private static final List<Class<?>> COMMANDS =
      List.of(
          RunCommand.class,
          HandOverCommand.class,
          ConfigCommand.class,
          StatusCommand.class,
          HealthCommand.class,
          PodsCommand.class,
          OwnerCommand.class,
          WhereCommand.class,
          TraceCommand.class,
          RoutesCommand.class,
          BootstrapCommand.class,
          DemoCommand.class,
          FakeCommand.class,
          TrainingRunCommand.class,
          CompletionCommand.class);

  private CriProxy() {}

  /**
   * Runs a command; exits 0 on success, 2 if the configuration is wrong, 1 on any other failure.
   */
  public static void main(String[] args) {
    // A write to standard error must not block on its reader.
    System.setErr(ProxyLog.ofProcess().printStream());
    Thread.setDefaultUncaughtExceptionHandler(
        (thread, failure) ->
            LOG.log(System.Logger.Level.ERROR, () -> thread.getName() + " ended", failure));
    int exit = commandLineFor(args).execute(args);
    flushLog();
    System.exit(exit);
  }

  /** Waits until the log is written, for two seconds at most. */
  static void flushLog() {
    boolean unused = ProxyLog.ofProcess().flush(LOG_LIMIT);
  }

  static CommandLine commandLine() {
    return commandLine(COMMANDS);
  }

  /** To run the proxy, only this command: all others would cost an eighth of the CPU of a start. */
  static CommandLine commandLineFor(String... args) {
    boolean runs = args.length > 0 && args[0].equals("run");
    return commandLine(runs ? List.of(RunCommand.class) : COMMANDS);
  }

  private static CommandLine commandLine(List<Class<?>> commands) {
    CommandLine root = new CommandLine(new CriProxy());
    commands.forEach(root::addSubcommand);
    return root.setCaseInsensitiveEnumValuesAllowed(true)
        .setExecutionExceptionHandler(CriProxy::report)
        .setParameterExceptionHandler(CriProxy::reportUsage)
        .setUsageHelpAutoWidth(true);
  }

  /** Prints the error only: the usage text is long and would hide it. */
  private static int reportUsage(CommandLine.ParameterException failure, String[] args) {
    CommandLine command = failure.getCommandLine();
    String name = command.getCommandSpec().qualifiedName();
    String message =
        failure instanceof CommandLine.UnmatchedArgumentException unmatched
            ? unmatched(unmatched)
            : failure.getMessage();
    command.getErr().println(name + ": " + message + " (see " + name + " --help)");
    return CommandLine.ExitCode.USAGE;
  }

  private static String unmatched(CommandLine.UnmatchedArgumentException failure) {
    // The first suggestion is the likeliest.
    String suggestion = failure.getSuggestions().stream().findFirst().orElse("");
    return "'"
        + String.join(" ", failure.getUnmatched())
        + "' is not understood"
        + (suggestion.isEmpty() ? "" : "; did you mean " + suggestion + "?");
  }

  /** Prints the message without a stack trace, which is of no use to operators. */
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

  /** The version of this build. */
  static String version() {
    String version = CriProxy.class.getPackage().getImplementationVersion();
    return version == null ? "(built from source)" : version;
  }

  static final class Version implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"criproxy " + version()};
    }
  }
}
