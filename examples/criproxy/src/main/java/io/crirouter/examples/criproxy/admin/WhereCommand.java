package io.crirouter.examples.criproxy.admin;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.crirouter.examples.criproxy.admin.PlacementReport.Answer;
import io.crirouter.examples.criproxy.config.BadConfigurationException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi.Style;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Shows where the pods of a manifest would go. */
@Command(
    name = "where",
    description =
        "Shows the runtime to which the running proxy would route a pod, the policy that decides, "
            + "and the answers of the other policies. Nothing is created. Exits with 1 if a pod "
            + "would be refused.",
    mixinStandardHelpOptions = true,
    footer = {"", "Example:", "  kubectl get pod web -o yaml | criproxy where -f -"})
public final class WhereCommand implements Callable<Integer> {
  private static final int MAX_BYTES = 4 << 20;
  private static final int MAX_REFUSAL_BYTES = 600;
  private static final String INDENT = "    ";

  @Mixin private AdminOptions options = new AdminOptions();

  @Option(
      names = {"-f", "--filename"},
      paramLabel = "FILE",
      required = true,
      description =
          "The manifest of a pod, or of a kind with a pod template such as a Deployment; - reads "
              + "standard input.")
  private Path file = Path.of("-");

  @Option(
      names = "--runtime-handler",
      paramLabel = "HANDLER",
      description =
          "The handler of the pod's RuntimeClass, which the manifest does not have; by default "
              + "the name of the RuntimeClass.")
  private Optional<String> handler = Optional.empty();

  @Override
  public Integer call() throws IOException, BadConfigurationException {
    List<PodManifest.Pod> pods = PodManifest.read(file.toString(), content());
    List<PlacementReport> reports = new ArrayList<>();
    try (AdminClient client = options.connect()) {
      for (PodManifest.Pod pod : pods) {
        PodManifest.Pod queried = handler.map(pod::withHandler).orElse(pod);
        PlacementReport report = client.call(AdminRpcs.PLACEMENT, queried.query());
        reports.add(report);
        if (!options.isJson()) {
          options.print((reports.size() > 1 ? "\n" : "") + text(queried, report));
        }
      }
    }
    if (options.isJson()) {
      options.print(JsonMarshaller.readable(reports) + "\n");
    }
    return reports.stream().allMatch(report -> report.refusal() == null) ? 0 : 1;
  }

  private String content() throws BadConfigurationException {
    try {
      byte[] bytes =
          file.toString().equals("-")
              ? System.in.readNBytes(MAX_BYTES + 1)
              : Files.readAllBytes(file);
      if (bytes.length > MAX_BYTES) {
        throw new BadConfigurationException(file + " has more than " + MAX_BYTES + " bytes", null);
      }
      return new String(bytes, UTF_8);
    } catch (NoSuchFileException e) {
      throw new BadConfigurationException("cannot read " + file + ": it does not exist", e);
    } catch (IOException e) {
      throw new BadConfigurationException("cannot read " + file + ": " + e.getMessage(), e);
    }
  }

  private String text(PodManifest.Pod pod, PlacementReport report) {
    StringBuilder text = new StringBuilder();
    text.append(Screen.wrapped(Screen.clean(decision(report), MAX_REFUSAL_BYTES), INDENT));
    text.append(Screen.wrapped(Screen.clean(facts(pod), MAX_REFUSAL_BYTES), INDENT));
    Table table = new Table("POLICY", "RESULT", "");
    for (Answer answer : report.answers()) {
      table
          .add(answer.policy())
          .add(result(answer))
          .add(answer.decides() ? "decides" : "", Style.bold)
          .end();
    }
    return text + (table.isEmpty() ? "" : "\n" + table.text(options.ansi()));
  }

  private static String decision(PlacementReport report) {
    if (report.refusal() != null) {
      return "pod " + report.pod() + " would be refused: " + report.refusal();
    }
    String state =
        "ready".equals(report.runtimeState()) ? "" : ", which is " + report.runtimeState();
    return String.format(
        "pod %s goes to %s%s: %s",
        report.pod(), report.runtime(), state, why(String.valueOf(report.rule())));
  }

  private static String why(String rule) {
    return switch (rule) {
      case "POLICY" -> "a policy decides";
      case "DEFAULT" -> "no policy decides, so the primary gets it";
      case "PLACED_BEFORE" -> "it has a sandbox there already, or may have one";
      default -> rule;
    };
  }

  /** The properties of the pod that policies can use. */
  private String facts(PodManifest.Pod pod) {
    PodQuery query = pod.query();
    List<String> facts = new ArrayList<>();
    if (!query.runtimeHandler().isEmpty()) {
      boolean isAssumed = handler.isEmpty();
      facts.add(
          "runtime handler "
              + query.runtimeHandler()
              + (isAssumed
                  ? " (assumed from its RuntimeClass: set --runtime-handler if it differs)"
                  : ""));
    }
    if (query.hostNetwork()) {
      facts.add("host network");
    }
    if (query.hostPid()) {
      facts.add("host PID");
    }
    if (query.hostIpc()) {
      facts.add("host IPC");
    }
    if (query.privileged()) {
      facts.add("privileged");
    }
    facts.add(count(query.annotations().size(), "annotation"));
    facts.add(count(query.labels().size(), "label"));
    return "it has: " + String.join(", ", facts);
  }

  private static String count(int count, String what) {
    return count + " " + what + (count == 1 ? "" : "s");
  }

  private static String result(Answer answer) {
    if (answer.refusal() != null) {
      return "refused: " + answer.refusal();
    }
    return answer.runtime() == null ? "no decision" : answer.runtime();
  }
}
