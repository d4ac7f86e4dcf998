package io.crirouter.examples.criproxy.handover;

import io.crirouter.examples.criproxy.admin.AdminClient;
import io.crirouter.examples.criproxy.admin.AdminOptions;
import io.crirouter.examples.criproxy.config.BadConfigurationException;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Lets a running proxy start its successor. */
@Command(
    name = "hand-over",
    description =
        "Lets the running proxy start itself anew and hand over, without a failed call: the "
            + "program that is installed now, with the configuration that is there now. If the new "
            + "one cannot serve, the old one goes on, and this command fails.",
    mixinStandardHelpOptions = true)
public final class HandOverCommand implements Callable<Integer> {
  @Mixin private AdminOptions admin = new AdminOptions();

  @Override
  public Integer call() throws BadConfigurationException, IOException {
    try (AdminClient client = admin.connect()) {
      HandOver.Outcome outcome =
          client.ask(HandOver.START_SUCCESSOR, new HandOver.Question(), HandOver.START_LIMIT);
      admin.print(outcome.message() + "\n");
      return outcome.isDone() ? 0 : 1;
    }
  }
}
