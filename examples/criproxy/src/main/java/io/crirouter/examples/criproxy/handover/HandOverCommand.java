package io.crirouter.examples.criproxy.handover;

import io.crirouter.examples.criproxy.admin.AdminClient;
import io.crirouter.examples.criproxy.admin.AdminOptions;
import io.crirouter.examples.criproxy.admin.NoArguments;
import io.crirouter.examples.criproxy.config.BadConfigurationException;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Makes a running proxy start its successor and hand over. */
@Command(
    name = "hand-over",
    description =
        "Makes the running proxy start the program that is installed now, with the present "
            + "configuration, and hand over to it without a failed call. If the new process cannot "
            + "serve, the old one goes on, and this command fails.",
    mixinStandardHelpOptions = true)
public final class HandOverCommand implements Callable<Integer> {
  @Mixin private AdminOptions admin = new AdminOptions();

  @Override
  public Integer call() throws BadConfigurationException, IOException {
    try (AdminClient client = admin.connect()) {
      HandOver.Outcome outcome =
          client.call(HandOver.START_SUCCESSOR, new NoArguments(), HandOver.START_LIMIT);
      admin.print(outcome.message() + "\n");
      return outcome.isDone() ? 0 : 1;
    }
  }
}
