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

/** Tells what a configuration is, and whether it is right. */
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
          "Says what is wrong with a configuration file, with line and column, and exits with "
              + "2; or with 0 if a proxy would start with it on this machine.",
      mixinStandardHelpOptions = true)
  int check(
      @Parameters(paramLabel = "FILE", description = "The configuration file.") Path file,
      @Option(
              names = "--file-only",
              description = "Do not look whether folders, groups and sockets fit on this machine.")
          boolean fileOnly)
      throws BadConfigurationException {
    ProxyConfig config = ProxyConfig.of(ProxyConfig.load(file));
    if (!fileOnly) {
      Set<Path> toCome = StartChecks.foldersToCome(config);
      StartChecks.require(config, toCome);
      toCome.forEach(folder -> print("not there yet: " + folder + "; criproxy.service makes it\n"));
    }
    StartChecks.warnings(config).forEach(warning -> print("warning: " + warning + "\n"));
    int backends = config.backends().size();
    print(file + " is right: " + backends + (backends == 1 ? " backend\n" : " backends\n"));
    return 0;
  }

  @Command(
      name = "show",
      description = "Prints all values that count, each with where it comes from.",
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
