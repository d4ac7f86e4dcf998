package io.crirouter.grpc;

/**
 * What the clients of a {@link CriServer} use of its {@link ServerLimits}, and how often a limit
 * was exceeded, for metrics. Immutable: the values are of about one moment. Counts start at 0 with
 * the server and never fall. Not for implementation by others: methods may be added.
 */
public interface ServerStatistics {
  /** The connections that are open. */
  int connections();

  /** The calls under way. */
  int calls();

  /** The bytes of the requests under way; see {@link ServerLimits#requestBytes}. */
  long requestBytes();

  /** The bytes that clients have not read; see {@link ServerLimits#unreadBytes}. */
  long unreadBytes();

  /** Connections that were closed when they were accepted, because all others had calls. */
  long connectionsRefused();

  /** Connections that were closed because their client held too much, or for a new connection. */
  long connectionsClosed();

  /** Calls that ended with RESOURCE_EXHAUSTED because clients held too many bytes. */
  long callsRefused();
}
