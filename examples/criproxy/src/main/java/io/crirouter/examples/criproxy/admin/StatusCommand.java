package io.crirouter.examples.criproxy.admin;

import io.crirouter.examples.criproxy.config.BadConfigurationException;
import java.io.IOException;
import java.time.Instant;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Shows the state of a running proxy and its runtimes. */
@Command(
    name = "status",
    description = "Shows the state of the running proxy and its runtimes.",
    mixinStandardHelpOptions = true)
public final class StatusCommand implements Callable<Integer> {
  private static final String CLEAR = "\u001b[H\u001b[2J";

  @Mixin private AdminOptions options = new AdminOptions();

  @Option(
      names = {"-w", "--watch"},
      description =
          "Ask again each second, also across a restart of the proxy. On a terminal the screen "
              + "shows the last answer; elsewhere each answer that differs is printed.")
  private boolean watch;

  @Override
  public Integer call() throws BadConfigurationException, IOException, InterruptedException {
    if (watch) {
      watch();
    } else {
      options.print(text(ask()));
    }
    return 0;
  }

  private StatusReport ask() throws BadConfigurationException, IOException {
    try (AdminClient client = options.connect()) {
      return client.call(AdminRpcs.STATUS, new NoArguments());
    }
  }

  private String text(StatusReport report) {
    return options.isJson()
        ? JsonMarshaller.readable(report) + "\n"
        : StatusText.of(report, Instant.now(), options.ansi());
  }

  /** Prints answers until standard output is closed. */
  private void watch() throws InterruptedException {
    Object last = "";
    while (!options.isOutputClosed()) {
      Object now = answer();
      if (options.ansi().enabled() && !options.isJson()) {
        options.print(CLEAR + shown(now));
      } else if (!now.equals(last)) {
        options.print(shown(now));
      }
      last = now;
      TimeUnit.SECONDS.sleep(1);
    }
  }

  /** A report, or the message of a failure. */
  private Object answer() {
    try {
      return ask();
    } catch (BadConfigurationException | IOException e) {
      return String.valueOf(e.getMessage());
    }
  }

  private String shown(Object answer) {
    if (answer instanceof StatusReport report) {
      return options.isJson() ? JsonMarshaller.line(report) + "\n" : text(report);
    }
    return options.isJson()
        ? JsonMarshaller.line(new Unavailable(answer.toString())) + "\n"
        : answer + "\n";
  }

  /**
   * Printed instead of a report.
   *
   * @param error why there is no report
   */
  private record Unavailable(String error) {}
}
