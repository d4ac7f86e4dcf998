package io.crirouter.examples.criproxy;

import io.crirouter.examples.criproxy.config.BadConfigurationException;
import io.crirouter.examples.criproxy.config.ProxyConfig;
import java.nio.file.Path;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Checks and shows configurations. */
@Command(
    name = "config",
    description = "Checks or shows a configuration.",
    synopsisSubcommandLabel = "COMMAND",
    mixinStandardHelpOptions = true)
final class ConfigCommand {
  @Spec private CommandSpec spec = CommandSpec.create();

  private void print(String text) {
    spec.commandLine().getOut().print(text);
    spec.commandLine().getOut().flush();
  }

  @Command(
      name = "check",
      description =
          "Checks a configuration file. Exits with 0 if a proxy would start with it on this "
              + "machine. Else prints each error with line and column and exits with 2.",
      mixinStandardHelpOptions = true)
  int check(
      @Parameters(paramLabel = "FILE", description = "The configuration file.") Path file,
      @Option(
              names = "--file-only",
              description = "Do not check the folders, groups and sockets of this machine.")
          boolean fileOnly)
      throws BadConfigurationException {
    ProxyConfig config = ProxyConfig.of(ProxyConfig.load(file));
    if (!fileOnly) {
      Set<Path> missing = StartChecks.missingServiceFolders(config);
      StartChecks.require(config, missing);
      missing.forEach(
          folder -> print(folder + " does not exist yet: criproxy.service creates it\n"));
    }
    StartChecks.warnings(config).forEach(warning -> print("warning: " + warning + "\n"));
    int backends = config.backends().size();
    print(file + " is valid: " + backends + (backends == 1 ? " backend\n" : " backends\n"));
    return 0;
  }

  @Command(
      name = "show",
      description = "Prints all effective values, each with its origin.",
      mixinStandardHelpOptions = true)
  int show(@Mixin ConfigOptions options) throws BadConfigurationException {
    print(options.read().describe());
    return 0;
  }

  @Command(
      name = "schema",
      description = "Prints the JSON schema of configuration files.",
      mixinStandardHelpOptions = true)
  int schema() {
    print(ProxyConfig.jsonSchema());
    return 0;
  }
}
