package io.crirouter.core.internal.events;

import io.crirouter.core.RpcStatus;

/** All clients that receive events. */
interface EventClients {
  /** Receives an event for all clients. */
  void publish(EventSource source, ClientEvent event);

  /** Receives an event for those clients that lost events of {@code source}. */
  void repeat(EventSource source, ClientEvent event);

  /** Whether a client lost events of {@code source} and has read all others. */
  boolean isOneBehind(EventSource source);

  /** Called when all that clients lost of {@code source} has been repeated. */
  void caughtUp(EventSource source);

  /** Receives the status with which the streams of all clients must end. */
  void refuse(RpcStatus status);
}
