package io.crirouter.examples.criproxy.bootstrap;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** Installs the proxy on a node, and uninstalls it. */
@Command(
    name = "bootstrap",
    description = {
      "Installs the proxy between the kubelet of this node and its runtime, or uninstalls it.",
      "Exits with 0 on success, 2 if it refuses and nothing was changed, 1 on any other failure."
    },
    synopsisSubcommandLabel = "COMMAND",
    mixinStandardHelpOptions = true)
public final class BootstrapCommand {
  private static final int REFUSED = 2;

  @Option(
      names = "--host-root",
      paramLabel = "FOLDER",
      defaultValue = "/",
      scope = ScopeType.INHERIT,
      description =
          "The root folder of the node, if this runs in a pod with the processes (hostPID) and the "
              + "network of the host. Commands run in the namespaces of the host's first process.")
  private Path hostRoot = Path.of("/");

  @Spec private CommandSpec spec = CommandSpec.create();

  private void print(String text) {
    spec.commandLine().getOut().print(text);
    spec.commandLine().getOut().flush();
  }

  private Bootstrap bootstrap(InstallOptions options) throws IOException {
    String version = BootstrapCommand.class.getPackage().getImplementationVersion();
    return new Bootstrap(
        new HostNode(hostRoot.toAbsolutePath()),
        options,
        ProxyProgram.runningImage(),
        version == null ? "built from source" : version,
        line -> print(line + "\n"));
  }

  /** The action of a subcommand; returns its exit code. */
  @FunctionalInterface
  private interface Action {
    int run() throws IOException, InterruptedException, RefusedException;
  }

  private int refusable(Action action) throws IOException, InterruptedException {
    try {
      return action.run();
    } catch (RefusedException e) {
      spec.commandLine().getErr().println("criproxy: " + e.getMessage());
      return REFUSED;
    }
  }

  @Command(
      name = "install",
      description =
          "Starts the proxy, sets it as the kubelet's endpoint and restarts the kubelet once. "
              + "Reverts everything if the kubelet is not healthy then, or if running pods were "
              + "affected. An interrupted installation is resumed when this is run again; else a "
              + "timer on the node reverts it.",
      mixinStandardHelpOptions = true)
  int install(
      @Option(
              names = "--runtime",
              paramLabel = "NAME=/SOCKET",
              description = {
                "Another runtime and its socket, which need not exist yet.",
                "May be repeated."
              })
          Map<String, String> runtimes,
      @Option(
              names = "--runtime-class",
              paramLabel = "HANDLER=NAME",
              description = "Pods with this runtime handler go to the runtime NAME.")
          Map<String, String> handlers,
      @Option(
              names = "--revert-after",
              paramLabel = "SECONDS",
              defaultValue = "600",
              description = "When the timer reverts an uncommitted installation; 600 by default.")
          long revertAfter,
      @Option(
              names = "--patience",
              paramLabel = "SECONDS",
              defaultValue = "180",
              description = "How long to wait for a healthy kubelet; 180 by default.")
          long patience,
      @Option(
              names = "--watch",
              paramLabel = "SECONDS",
              defaultValue = "20",
              description = "How long to watch the healthy kubelet; 20 by default.")
          long watch,
      @Option(names = "--no-retry", description = "Refuse if an earlier installation was reverted.")
          boolean noRetry,
      @Option(names = "--dry-run", description = "Only print the changes.") boolean dryRun)
      throws IOException, InterruptedException {
    return refusable(
        () -> {
          if (revertAfter < 2 * (patience + watch)) {
            throw new RefusedException(
                "--revert-after must be at least twice --patience and --watch together");
          }
          Bootstrap bootstrap =
              bootstrap(
                  new InstallOptions(
                      copy(runtimes),
                      copy(handlers),
                      Duration.ofSeconds(revertAfter),
                      Duration.ofSeconds(patience),
                      Duration.ofSeconds(watch)));
          if (dryRun) {
            print(bootstrap.describe());
            return 0;
          }
          return bootstrap.install(!noRetry) ? 0 : 1;
        });
  }

  private static Map<String, String> copy(@Nullable Map<String, String> given) {
    return given == null ? Map.of() : new LinkedHashMap<>(given);
  }

  @Command(
      name = "revert",
      description = "Reverts an installation that was interrupted.",
      mixinStandardHelpOptions = true)
  int revert(
      @Option(
              names = "--by-timer",
              hidden = true,
              description = "The time limit has passed: a running installer is killed.")
          boolean byTimer)
      throws IOException, InterruptedException {
    return refusable(
        () -> {
          bootstrap(InstallOptions.DEFAULT).revert(byTimer);
          return 0;
        });
  }

  @Command(
      name = "uninstall",
      description =
          "Restores the kubelet's endpoint, restarts the kubelet once and removes the installed "
              + "files. Refuses while pods of other runtimes run here. Files that were changed "
              + "since are kept.",
      mixinStandardHelpOptions = true)
  int uninstall(
      @Option(
              names = "--drain",
              description =
                  "Evict the pods of other runtimes first, with the node's kubectl and the "
                      + "kubelet's kubeconfig. The node is cordoned meanwhile.")
          boolean drain,
      @Option(
              names = "--force",
              description = "Go on if the pods of other runtimes cannot be listed.")
          boolean force)
      throws IOException, InterruptedException {
    return refusable(
        () -> {
          bootstrap(InstallOptions.DEFAULT).uninstall(drain, force);
          return 0;
        });
  }

  @Command(
      name = "verify",
      description = "Checks an installation. Changes nothing.",
      mixinStandardHelpOptions = true)
  int verify() throws IOException, InterruptedException {
    return refusable(
        () -> {
          List<Verification.Finding> findings = bootstrap(InstallOptions.DEFAULT).verify();
          if (findings.isEmpty()) {
            throw new RefusedException("nothing is installed");
          }
          findings.forEach(finding -> print(finding + "\n"));
          return findings.stream().allMatch(finding -> finding.problem().isEmpty()) ? 0 : 1;
        });
  }

  @Command(
      name = "status",
      description = "Prints the state of an installation and of its steps.",
      mixinStandardHelpOptions = true)
  int status(
      @Option(
              names = {"-o", "--output"},
              defaultValue = "text",
              paramLabel = "FORMAT",
              description = "text or json.")
          Format format)
      throws IOException, InterruptedException {
    return refusable(
        () -> {
          BootstrapStatus status = bootstrap(InstallOptions.DEFAULT).status();
          print(format == Format.JSON ? status.json() : status.text());
          return 0;
        });
  }

  /** The format of the status. */
  enum Format {
    TEXT,
    JSON
  }
}
