package io.crirouter.examples.criproxy.admin;

import io.crirouter.examples.criproxy.config.BadConfigurationException;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi.Style;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Shows the calls of the kubelet as they end. */
@Command(
    name = "trace",
    description =
        "Shows the calls of the kubelet and of other clients as they end, until it is stopped "
            + "(Ctrl-C). Shows names, ids and sizes of requests and responses, never credentials, "
            + "environments or commands.",
    mixinStandardHelpOptions = true)
public final class TraceCommand implements Callable<Integer> {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("HH:mm:ss.SSS").withZone(ZoneId.systemDefault());

  private static final int MAX_LINE_BYTES = 600;

  @Mixin private AdminOptions options = new AdminOptions();

  @Option(
      names = "--runtime",
      paramLabel = "NAME",
      defaultValue = "",
      description = "Only calls that this runtime answers, alone or among others.")
  private String runtime = "";

  @Option(
      names = "--rpc",
      paramLabel = "RPC",
      defaultValue = "",
      description = "Only calls of this rpc, RunPodSandbox for example.")
  private String rpc = "";

  @Option(
      names = "--pod",
      paramLabel = "TEXT",
      defaultValue = "",
      description = "Only calls about pods that have this text in NAMESPACE/NAME.")
  private String pod = "";

  @Option(
      names = "--code",
      paramLabel = "CODE",
      defaultValue = "",
      description = "Only calls that end with this status code; error for all but OK.")
  private String code = "";

  @Option(
      names = "--slow",
      paramLabel = "MS",
      defaultValue = "0",
      description = "Only calls that took at least this many milliseconds.")
  private long slowMillis;

  @Option(names = "--count", paramLabel = "N", description = "End after this many calls.")
  private Optional<Integer> count = Optional.empty();

  @Override
  public Integer call() throws BadConfigurationException, IOException {
    try (AdminClient client = options.connect()) {
      TraceQuery query = new TraceQuery(runtime, rpc, pod, code, slowMillis);
      Iterator<TraceEntry> calls = client.follow(AdminRpcs.TRACE, query);
      try {
        show(calls);
        return 0;
      } catch (StatusRuntimeException e) {
        throw client.failure(e);
      }
    }
  }

  private void show(Iterator<TraceEntry> calls) {
    if (!options.isJson()) {
      options.print(line("TIME", "RPC", "RUNTIME", "CODE", "MS", "ABOUT") + "\n");
    }
    for (int shown = 0; shown < count.orElse(Integer.MAX_VALUE); shown++) {
      if (options.isOutputClosed() || !calls.hasNext()) {
        return;
      }
      TraceEntry call = calls.next();
      if (call.lostBefore() > 0) {
        options.notice(call.lostBefore() + " calls are not shown: the output is read too slowly");
      }
      options.print((options.isJson() ? JsonMarshaller.line(call) : text(call)) + "\n");
    }
  }

  private String text(TraceEntry call) {
    String text =
        line(
            TIME.format(Instant.parse(call.at())),
            call.rpc(),
            String.join(",", call.runtimes()),
            call.code(),
            String.format(Locale.ROOT, "%.1f", call.millis()),
            about(call));
    String clean = Screen.clean(text, MAX_LINE_BYTES);
    return call.code().equals("OK")
        ? clean
        : Screen.styled(options.ansi(), clean, List.of(Style.fg_red));
  }

  private static String about(TraceEntry call) {
    StringBuilder about = new StringBuilder(call.pod().isEmpty() ? "" : "pod " + call.pod());
    if (!call.subject().isEmpty() && !call.subject().equals(about.toString())) {
      about.append(about.isEmpty() ? "" : " ").append(call.subject());
    }
    if (!call.policy().isEmpty()) {
      about.append(" by ").append(call.policy());
    }
    if (call.parts().stream().anyMatch(TraceEntry.Part::lastKnown)) {
      about.append(" (partly last known)");
    }
    return about.append(call.message().isEmpty() ? "" : ": " + call.message()).toString();
  }

  private static String line(
      String time, String rpc, String runtimes, String code, String millis, String about) {
    return String.format(
            "%-12s  %-22s  %-24s  %-8s  %8s  %s", time, rpc, runtimes, code, millis, about)
        .stripTrailing();
  }
}
