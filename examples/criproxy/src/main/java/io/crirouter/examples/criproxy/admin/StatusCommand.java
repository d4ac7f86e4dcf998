package io.crirouter.examples.criproxy.admin;

import io.crirouter.examples.criproxy.config.BadConfigurationException;
import java.io.IOException;
import java.time.Instant;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Shows how a running proxy and its runtimes are. */
@Command(
    name = "status",
    description = "Shows how the running proxy and its runtimes are.",
    mixinStandardHelpOptions = true)
public final class StatusCommand implements Callable<Integer> {
  private static final String CLEAR = "\u001b[H\u001b[2J";

  @Mixin private AdminOptions options = new AdminOptions();

  @Option(
      names = {"-w", "--watch"},
      description =
          "Ask again each second, also over a restart of the proxy. On a terminal the screen "
              + "shows the last answer; elsewhere what has changed is printed.")
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
      return client.ask(AdminRpcs.STATUS, new NoArguments());
    }
  }

  private String text(StatusReport report) {
    return options.isJson()
        ? JsonMarshaller.readable(report) + "\n"
        : StatusText.of(report, Instant.now(), options.ansi());
  }

  /** Goes on until nobody reads it any more. */
  private void watch() throws InterruptedException {
    Object last = "";
    while (!options.isUnread()) {
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

  /** A report, or why there is none. */
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
        ? JsonMarshaller.line(new Absent(answer.toString())) + "\n"
        : answer + "\n";
  }

  /**
   * In the place of a report.
   *
   * @param error why there is none
   */
  private record Absent(String error) {}
}
