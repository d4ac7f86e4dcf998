package io.crirouter.examples.criproxy.admin;

import io.crirouter.examples.criproxy.admin.StatusReport.Failure;
import io.crirouter.examples.criproxy.admin.StatusReport.Reload;
import io.crirouter.examples.criproxy.admin.StatusReport.RuntimeStatus;
import java.time.Instant;
import picocli.CommandLine.Help.Ansi;

/** Formats a {@link StatusReport} for operators. */
final class StatusText {
  private static final int MAX_BYTES = 600;
  private static final String INDENT = "    ";

  private StatusText() {}

  static String of(StatusReport report, Instant now, Ansi ansi) {
    StringBuilder text = new StringBuilder();
    text.append(head(report, now)).append('\n').append(runtimes(report, now, ansi));
    for (RuntimeStatus runtime : report.runtimes()) {
      appendDetails(text, runtime);
    }
    return text.toString();
  }

  private static String head(StatusReport report, Instant now) {
    String state = report.stateFile() == null ? "no state file" : "state in " + report.stateFile();
    return String.format(
            "criproxy %s, process %d, up %s, listening on %s%n%s ids, %s image names, %s%n",
            report.version(),
            report.pid(),
            Times.age(report.startedAt(), now),
            report.listen(),
            report.ids(),
            report.images(),
            state)
        + configuration(report, now);
  }

  private static String configuration(StatusReport report, Instant now) {
    Reload reload = report.lastReload();
    String file = report.configuration();
    if (reload == null) {
      return file == null ? "" : "configuration " + file + "\n";
    }
    String outcome =
        String.format(
            "configuration %s, reloaded %s ago: %s%s",
            file == null ? "from options" : file,
            Times.age(reload.at(), now),
            reload.accepted() ? "" : "REFUSED, the former one is in force: ",
            reload.message().replace("\n", "; "));
    return Screen.wrapped(Screen.clean(outcome, MAX_BYTES), INDENT);
  }

  private static String runtimes(StatusReport report, Instant now, Ansi ansi) {
    Table table =
        new Table("RUNTIME", "ROLE", "STATE", "SINCE", "PODS", "CONTAINERS", "FAILED", "VERSION");
    for (RuntimeStatus runtime : report.runtimes()) {
      table
          .add(runtime.name())
          .add(runtime.role())
          .add(runtime.state(), Screen.ofState(runtime.state()))
          .add(Times.age(runtime.since(), now))
          .add(runtime.pods())
          .add(runtime.containers())
          .add(runtime.failedCalls())
          .add((runtime.runtimeName() + " " + runtime.runtimeVersion()).strip())
          .end();
    }
    return table.text(ansi);
  }

  private static void appendDetails(StringBuilder text, RuntimeStatus runtime) {
    if (!runtime.reason().isEmpty()) {
      appendLine(
          text,
          String.format(
              "%s (%s) is not ready: %s%s",
              runtime.name(),
              runtime.address(),
              runtime.reason(),
              runtime.lastKnown() ? "; the numbers are the last known ones" : ""));
    }
    Failure last = runtime.lastFailure();
    if (last != null) {
      appendLine(
          text,
          String.format(
              "%s, last failed call: %s %s%s: %s%s",
              runtime.name(),
              last.at(),
              last.rpc(),
              last.subject().isEmpty() ? "" : " " + last.subject(),
              last.code(),
              last.message().isEmpty() ? "" : ": " + last.message()));
    }
  }

  private static void appendLine(StringBuilder text, String line) {
    text.append('\n').append(Screen.wrapped(Screen.clean(line, MAX_BYTES), INDENT));
  }
}
