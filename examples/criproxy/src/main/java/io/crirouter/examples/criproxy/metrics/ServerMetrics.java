package io.crirouter.examples.criproxy.metrics;

import io.crirouter.grpc.CriServer;
import io.crirouter.grpc.ServerStatistics;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/** The metrics of the server and its clients, read at each scrape. */
final class ServerMetrics {
  private final Supplier<Optional<CriServer>> server;

  /**
   * @param server the server; empty until the proxy listens
   */
  ServerMetrics(Families families, Supplier<Optional<CriServer>> server) {
    this.server = server;
    callbackGauge(
        families,
        "criproxy_connections",
        "Open connections of clients.",
        ServerStatistics::connections);
    callbackGauge(
        families,
        "criproxy_requests_held_bytes",
        "Memory of requests under way; see limits.requestBytes.",
        ServerStatistics::requestBytes);
    callbackGauge(
        families,
        "criproxy_responses_unread_bytes",
        "Memory of responses that clients have not read; see limits.unreadBytes.",
        ServerStatistics::unreadBytes);
    callbackCounter(
        families,
        "criproxy_connections_refused_total",
        "Connections closed at once, because there were too many.",
        ServerStatistics::connectionsRefused);
    callbackCounter(
        families,
        "criproxy_connections_closed_total",
        "Connections closed, because they held too much or to make room for others.",
        ServerStatistics::connectionsClosed);
    callbackCounter(
        families,
        "criproxy_calls_refused_total",
        "Calls refused, because clients held too many bytes.",
        ServerStatistics::callsRefused);
  }

  private void callbackGauge(
      Families families, String name, String help, ToDoubleFunction<ServerStatistics> value) {
    families.callbackGauge(
        name,
        help,
        values -> statistics().ifPresent(stats -> values.call(value.applyAsDouble(stats))));
  }

  private void callbackCounter(
      Families families, String name, String help, ToDoubleFunction<ServerStatistics> value) {
    families.callbackCounter(
        name,
        help,
        values -> statistics().ifPresent(stats -> values.call(value.applyAsDouble(stats))));
  }

  private Optional<ServerStatistics> statistics() {
    return server.get().map(CriServer::statistics);
  }
}
