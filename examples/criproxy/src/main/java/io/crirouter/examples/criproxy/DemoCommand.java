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

/** Runs the proxy between two fake runtimes and prints the calls. */
@Command(
    name = "demo",
    description =
        "Simulates a kubelet with pods on two fake runtimes and shows where each call goes.",
    mixinStandardHelpOptions = true,
    footer = "Needs neither root nor a container runtime.")
final class DemoCommand implements Callable<Integer> {
  @Option(
      names = "--keep",
      description = "Keep the pods and go on until stopped, to inspect them with crictl.")
  private boolean keep;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws IOException {
    LogLevel.ERROR.apply();
    if (!keep) {
      return run(node -> {});
    }
    StopSignal stop = StopSignal.listen();
    try {
      return run(node -> waitFor(stop, node));
    } finally {
      stop.done();
    }
  }

  private int run(Consumer<DemoNode> afterwards) throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    DemoReport report = new DemoReport(out);
    try (DemoNode node = DemoNode.start()) {
      out.printf(
          "A kubelet talks to %s, behind which are two runtimes:%n"
              + "%s, the primary, and %s, for pods that are marked for it.%n",
          node.socket(), DemoNode.PRIMARY, DemoNode.SPECIAL);
      new DemoKubelet(node, report).run(keep);
      boolean isSuccess =
          report.conclude(keep ? "both pods still run" : "everything was removed again");
      afterwards.accept(node);
      return isSuccess ? 0 : 1;
    }
  }

  private void waitFor(StopSignal stop, DemoNode node) {
    PrintWriter out = spec.commandLine().getOut();
    out.printf(
        "%nThe proxy listens on %s until it is stopped (Ctrl-C). Try:%n  %s%n",
        node.socket(), FakeCommand.crictl(node.socket(), "pods"));
    out.flush();
    stop.await();
  }
}
