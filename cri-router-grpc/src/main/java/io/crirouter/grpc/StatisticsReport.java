package io.crirouter.grpc;

/** The statistics of a server at one moment. */
record StatisticsReport(
    int connections,
    int calls,
    long requestBytes,
    long unreadBytes,
    long connectionsRefused,
    long connectionsClosed,
    long callsRefused)
    implements ServerStatistics {

  static StatisticsReport of(ServerBounds bounds, ServedConnections connections, int calls) {
    return new StatisticsReport(
        connections.size(),
        calls,
        bounds.requests().held(),
        bounds.answers().held(),
        connections.refused(),
        bounds.closedConnections() + connections.evicted(),
        bounds.refusedCalls());
  }
}
