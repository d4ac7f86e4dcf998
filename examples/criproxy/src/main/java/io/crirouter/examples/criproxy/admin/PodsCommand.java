package io.crirouter.examples.criproxy.admin;

import io.crirouter.examples.criproxy.admin.PodsReport.Pod;
import io.crirouter.examples.criproxy.config.BadConfigurationException;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi.Style;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Lists the pods of all runtimes. */
@Command(
    name = "pods",
    description = "Lists the pods of this node with the runtime of each.",
    mixinStandardHelpOptions = true)
public final class PodsCommand implements Callable<Integer> {
  /** The prefix of the runtime, and the first 13 characters of the id, as crictl shows it. */
  private static final Pattern ID = Pattern.compile("(.{0,6}__)?(.{0,13}).*");

  @Mixin private AdminOptions options = new AdminOptions();

  @Option(
      names = "--runtime",
      paramLabel = "NAME",
      defaultValue = "",
      description = "Only the pods of this runtime.")
  private String runtime = "";

  @Override
  public Integer call() throws BadConfigurationException, IOException {
    PodsReport report;
    try (AdminClient client = options.connect()) {
      report = client.call(AdminRpcs.PODS, new NoArguments());
    }
    List<Pod> pods =
        report.pods().stream()
            .filter(pod -> runtime.isEmpty() || pod.runtime().equals(runtime))
            .toList();
    options.print(
        options.isJson()
            ? JsonMarshaller.readable(new PodsReport(pods)) + "\n"
            : text(pods, Instant.now()));
    return 0;
  }

  private String text(List<Pod> pods, Instant now) {
    Table table =
        new Table("NAMESPACE", "NAME", "RUNTIME", "STATE", "AGE", "RUNNING", "CONTAINERS", "ID");
    for (Pod pod : pods) {
      boolean isReady = pod.state().equals("SANDBOX_READY");
      table
          .add(pod.namespace())
          .add(pod.name())
          .add(pod.runtime())
          .add(
              (isReady ? "ready" : "not-ready") + (pod.lastKnown() ? "?" : ""),
              pod.lastKnown() ? Style.fg_red : isReady ? Style.fg_green : Style.fg_yellow)
          .add(pod.createdAt().isEmpty() ? "?" : Times.age(pod.createdAt(), now))
          .add(pod.running())
          .add(pod.containers())
          .add(shortened(pod.id()))
          .end();
    }
    if (table.isEmpty()) {
      return "no pods are known" + (runtime.isEmpty() ? "\n" : " of runtime " + runtime + "\n");
    }
    boolean hasLastKnown = pods.stream().anyMatch(Pod::lastKnown);
    return table.text(options.ansi())
        + (hasLastKnown ? "\n?: the last known state; criproxy status shows why\n" : "");
  }

  private static String shortened(String id) {
    Matcher parts = ID.matcher(id);
    return parts.matches() ? (parts.group(1) == null ? "" : parts.group(1)) + parts.group(2) : id;
  }
}
