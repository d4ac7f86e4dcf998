package io.crirouter.core.internal.events;

import io.crirouter.core.RpcStatus;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** All clients that receive events. Used only in {@link SerialTasks}. */
final class EventClients {
  /** Enough for the state of each container of a large node, whose clients have been away. */
  private static final long MAX_WAITING_BYTES = 16L << 20;

  private final Set<ClientStream> clients = new LinkedHashSet<>();
  private final EventBudget budget = new EventBudget(MAX_WAITING_BYTES);

  /** Bounds what waits for all clients. */
  EventBudget budget() {
    return budget;
  }

  /** Whether there are none. */
  boolean isEmpty() {
    return clients.isEmpty();
  }

  /** A client has come. */
  void add(ClientStream client) {
    clients.add(client);
  }

  /** The stream of a client has ended. */
  void remove(ClientStream client) {
    clients.remove(client);
  }

  /** Receives an event for all clients. */
  void publish(EventSource source, ClientEvent event) {
    List.copyOf(clients).forEach(client -> client.add(source, event));
    budget.enforce();
  }

  /** Receives an event for those clients that lost events of {@code source}. */
  void repeat(EventSource source, ClientEvent event) {
    clients.stream()
        .filter(client -> client.waiting().hasLost(source))
        .toList()
        .forEach(client -> client.add(source, event));
    budget.enforce();
  }

  /** Whether a client lost events of {@code source} and has read all others. */
  boolean isOneBehind(EventSource source) {
    return clients.stream().anyMatch(client -> client.waiting().behind().contains(source));
  }

  /** Called when all that clients lost of {@code source} has been repeated. */
  void caughtUp(EventSource source) {
    clients.forEach(client -> client.waiting().caughtUp(source));
  }

  /** Ends the streams of all clients with this status. */
  void end(RpcStatus status) {
    List.copyOf(clients).forEach(client -> client.end(status));
  }
}
