package io.crirouter.core.internal.events;

import java.util.List;

/** Where the events of one runtime come from. */
interface EventSource {
  /**
   * Called when a client gets none of these events, because too much waits for it. It gets the
   * states of their subjects later instead.
   */
  void lost(List<ClientEvent> events);

  /** Called when a client does not get an event, because a newer one has taken its place. */
  void coalesced();

  /** Called when a client that lost events has read all others. */
  void catchUp();
}
