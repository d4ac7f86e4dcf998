package io.crirouter.examples.criproxy.admin;

import io.crirouter.examples.criproxy.config.BadConfigurationException;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Reports by its exit code whether the running proxy works. */
@Command(
    name = "health",
    description =
        "Exits with 0 if a kubelet can use the proxy: it listens, and the primary is ready. "
            + "Else prints the reason and exits with 1. For probes and scripts.",
    mixinStandardHelpOptions = true)
public final class HealthCommand implements Callable<Integer> {
  @Mixin private AdminOptions options = new AdminOptions();

  @Option(
      names = "--live",
      description = "Exit with 0 also if the proxy is starting, or its primary is down.")
  private boolean live;

  @Override
  public Integer call() throws BadConfigurationException, IOException {
    HealthReport report;
    try (AdminClient client = options.connect()) {
      report = client.call(AdminRpcs.HEALTH, new NoArguments());
    }
    options.print(options.isJson() ? JsonMarshaller.readable(report) + "\n" : text(report));
    return (live ? report.alive() : report.ready()) ? 0 : 1;
  }

  private static String text(HealthReport report) {
    String word = report.ready() ? "ready" : report.alive() ? "alive, not ready" : "not alive";
    return report.reason().isEmpty() ? word + "\n" : word + ": " + report.reason() + "\n";
  }
}
