package io.crirouter.examples.criproxy;

import io.crirouter.examples.criproxy.logging.LogLevel;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Shows the proxy at work between two fake runtimes. */
@Command(
    name = "demo",
    description = "Plays a kubelet with pods on two fake runtimes and shows where each call goes.",
    mixinStandardHelpOptions = true,
    footer = "Needs neither root nor a container runtime.")
final class DemoCommand implements Callable<Integer> {
  @Option(
      names = "--keep",
      description = "Leave the pods where they are, and go on until stopped, for crictl to look.")
  private boolean keep;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws IOException {
    LogLevel.ERROR.apply();
    if (!keep) {
      return play(node -> {});
    }
    StopSignal stop = StopSignal.listen();
    try {
      return play(node -> goOnUntil(stop, node));
    } finally {
      stop.done();
    }
  }

  private int play(Consumer<DemoNode> then) throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    Ledger ledger = new Ledger(out);
    try (DemoNode node = DemoNode.start()) {
      out.printf(
          "A kubelet talks to %s, behind which are two runtimes:%n"
              + "%s, the primary, and %s, for pods that are marked for it.%n",
          node.socket(), DemoNode.PRIMARY, DemoNode.SPECIAL);
      new DemoKubelet(node, ledger).play(keep);
      boolean well = ledger.conclude(keep ? "both pods go on" : "everything is gone again");
      then.accept(node);
      return well ? 0 : 1;
    }
  }

  private void goOnUntil(StopSignal stop, DemoNode node) {
    PrintWriter out = spec.commandLine().getOut();
    out.printf(
        "%nThe proxy listens on %s until it is stopped (Ctrl-C). Try:%n  %s%n",
        node.socket(), FakeCommand.crictl(node.socket(), "pods"));
    out.flush();
    stop.await();
  }
}
