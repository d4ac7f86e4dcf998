package io.crirouter.examples.criproxy.metrics;

import io.crirouter.grpc.CriServer;
import io.crirouter.grpc.ServerStatistics;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/** What the server tells of its clients, asked for at each scrape. */
final class ServerMetrics {
  private final Supplier<Optional<CriServer>> server;

  /**
   * Metrics of the server.
   *
   * @param server empty until the proxy listens
   */
  ServerMetrics(Families families, Supplier<Optional<CriServer>> server) {
    this.server = server;
    measured(
        families,
        "criproxy_connections",
        "Open connections of clients.",
        ServerStatistics::connections);
    measured(
        families,
        "criproxy_requests_held_bytes",
        "Memory of requests under way; see limits.requestBytes.",
        ServerStatistics::requestBytes);
    measured(
        families,
        "criproxy_responses_unread_bytes",
        "Memory of responses that clients have not read; see limits.unreadBytes.",
        ServerStatistics::unreadBytes);
    counted(
        families,
        "criproxy_connections_refused_total",
        "Connections closed at once, because there were too many.",
        ServerStatistics::connectionsRefused);
    counted(
        families,
        "criproxy_connections_closed_total",
        "Connections closed, because they held too much or to make room for others.",
        ServerStatistics::connectionsClosed);
    counted(
        families,
        "criproxy_calls_refused_total",
        "Calls refused, because clients held too many bytes.",
        ServerStatistics::callsRefused);
  }

  private void measured(
      Families families, String name, String help, ToDoubleFunction<ServerStatistics> value) {
    families.measured(
        name, help, values -> statistics().ifPresent(of -> values.call(value.applyAsDouble(of))));
  }

  private void counted(
      Families families, String name, String help, ToDoubleFunction<ServerStatistics> value) {
    families.counted(
        name, help, values -> statistics().ifPresent(of -> values.call(value.applyAsDouble(of))));
  }

  private Optional<ServerStatistics> statistics() {
    return server.get().map(CriServer::statistics);
  }
}
