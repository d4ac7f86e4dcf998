package io.crirouter.examples.criproxy.admin;

import io.crirouter.core.CriMethod;
import io.crirouter.core.CriRouter;
import io.crirouter.examples.criproxy.config.BadConfigurationException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows how each rpc is handled. Needs no running proxy: the table is part of the version. */
@Command(
    name = "routes",
    description =
        "Shows which runtime answers each rpc of CRI. For a given rpc also shows which references "
            + "are translated, how answers are merged, and what happens if a runtime fails.",
    mixinStandardHelpOptions = true)
public final class RoutesCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Mixin private OutputOption output = new OutputOption();

  @Parameters(
      paramLabel = "RPC",
      arity = "0..*",
      description = "The rpcs to show in full, ListContainers for example.")
  private List<String> rpcs = new ArrayList<>();

  /**
   * How one rpc is handled.
   *
   * @param rpc SERVICE.RPC
   * @param stream whether its response is a stream
   * @param route which runtimes answer
   * @param requestReferences what is translated in requests, as PATH:KIND
   * @param responseReferences what is translated in responses, as PATH:KIND
   * @param merge how answers are merged; empty if only one runtime answers
   * @param failure what happens if a runtime fails
   */
  private record Route(
      String rpc,
      boolean stream,
      String route,
      List<String> requestReferences,
      List<String> responseReferences,
      String merge,
      String failure) {
    String name() {
      return rpc.substring(rpc.indexOf('.') + 1);
    }
  }

  @Override
  public Integer call() throws BadConfigurationException {
    for (String rpc : rpcs) {
      requireKnown(rpc);
    }
    List<Route> routes =
        routes().stream().filter(route -> rpcs.isEmpty() || rpcs.contains(route.name())).toList();
    spec.commandLine().getOut().print(text(routes));
    spec.commandLine().getOut().flush();
    return 0;
  }

  private static void requireKnown(String rpc) throws BadConfigurationException {
    try {
      CriMethod unused = CriMethod.of(rpc);
    } catch (IllegalArgumentException e) {
      throw new BadConfigurationException(e.getMessage() + "; criproxy routes lists all", e);
    }
  }

  private String text(List<Route> routes) {
    if (output.isJson()) {
      return JsonMarshaller.readable(routes) + "\n";
    }
    return rpcs.isEmpty() ? table(routes) : details(routes);
  }

  private static String table(List<Route> routes) {
    Table table = new Table("RPC", "ANSWERED BY");
    routes.forEach(route -> table.add(route.name()).add(route.route()).end());
    return table.text(Ansi.AUTO);
  }

  private static String details(List<Route> routes) {
    StringBuilder text = new StringBuilder();
    for (Route route : routes) {
      text.append(text.isEmpty() ? "" : "\n").append(route.rpc()).append('\n');
      line(text, "answered by", route.route());
      line(text, "request", String.join(" ", route.requestReferences()));
      line(text, "response", String.join(" ", route.responseReferences()));
      line(text, "merge", route.merge());
      line(text, "failure", route.failure());
    }
    return text.toString();
  }

  private static void line(StringBuilder text, String name, String value) {
    if (!value.isEmpty()) {
      text.append(Screen.wrapped(String.format("  %-11s  %s", name, value), " ".repeat(15)));
    }
  }

  /** Parses the table of the core: a line for each rpc, followed by indented details. */
  private static List<Route> routes() {
    List<Route> routes = new ArrayList<>();
    String head = "";
    Map<String, String> values = new LinkedHashMap<>();
    for (String line : (CriRouter.routes() + "end\n").lines().toList()) {
      if (line.startsWith("  ")) {
        String[] parts = line.strip().split(" +", 2);
        values.put(parts[0], parts[1]);
        continue;
      }
      if (!head.isEmpty()) {
        routes.add(route(head, values));
      }
      head = line;
      values.clear();
    }
    return routes;
  }

  private static Route route(String head, Map<String, String> values) {
    return new Route(
        head.replace(" (stream)", ""),
        head.endsWith(" (stream)"),
        values.getOrDefault("route", ""),
        words(values.getOrDefault("request", "")),
        words(values.getOrDefault("response", "")),
        values.getOrDefault("merge", ""),
        values.getOrDefault("failure", ""));
  }

  private static List<String> words(String text) {
    return text.isEmpty() ? List.of() : List.of(text.split(" ", -1));
  }
}
