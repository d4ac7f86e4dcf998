package io.crirouter.examples.criproxy;

import io.crirouter.examples.criproxy.logging.LogLevel;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Shows the proxy at work between two fake runtimes. */
@Command(
    name = "demo",
    description = "Plays a kubelet with pods on two fake runtimes and shows where each call goes.",
    mixinStandardHelpOptions = true,
    footer = "Needs neither root nor a container runtime.")
final class DemoCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws IOException {
    LogLevel.ERROR.apply();
    PrintWriter out = spec.commandLine().getOut();
    Ledger ledger = new Ledger(out);
    try (DemoNode node = DemoNode.start()) {
      out.printf(
          "A kubelet talks to %s, behind which are two runtimes:%n"
              + "%s, the primary, and %s, for pods that are marked for it.%n",
          node.socket(), DemoNode.PRIMARY, DemoNode.SPECIAL);
      new DemoKubelet(node, ledger).play();
    }
    return ledger.conclude() ? 0 : 1;
  }
}
