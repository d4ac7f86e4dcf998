package io.crirouter.grpc;

/**
 * What the clients of a {@link CriServer} hold of its {@link ServerLimits}, and how often that was
 * too much, for metrics. Immutable: the values of about one moment. Counts begin with 0 when the
 * server starts, and never fall. The server makes it; methods may be added.
 */
public interface ServerStatistics {
  /** The connections that are open. */
  int connections();

  /** The calls under way. */
  int calls();

  /** What the requests under way hold, in bytes; see {@link ServerLimits#requestBytes}. */
  long requestBytes();

  /** What waits for clients to read it, in bytes; see {@link ServerLimits#unreadBytes}. */
  long unreadBytes();

  /** How many connections were closed at once, because there were too many with calls. */
  long connectionsRefused();

  /**
   * How many connections were closed, because their client held too much or to make room for
   * another one.
   */
  long connectionsClosed();

  /** How many calls ended with RESOURCE_EXHAUSTED, because clients held too many bytes. */
  long callsRefused();
}
