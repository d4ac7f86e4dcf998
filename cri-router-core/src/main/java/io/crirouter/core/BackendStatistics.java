package io.crirouter.core;

/**
 * What the router knows and has counted of one runtime, for metrics. Immutable: the values of about
 * one moment. Counts begin with 0 when the runtime is added to the router, and never fall. The
 * router makes it; methods may be added.
 */
public interface BackendStatistics {
  /** The configured name. */
  BackendName name();

  /** How many pod sandboxes are known. */
  int podSandboxes();

  /** How many containers are known. */
  int containers();

  /** How many images are known; 0 until a client has listed images. */
  int images();

  /**
   * How often an object was not remembered, because what is remembered of a runtime is bounded: its
   * lists are not answered while it is away then.
   */
  long objectsNotRemembered();

  /** How many events of containers and pod sandboxes the runtime has sent. */
  long events();

  /**
   * How many events a client did not get, because it read so slowly that a newer event of the same
   * container or pod sandbox took their place. Counted for each client.
   */
  long eventsCoalesced();

  /**
   * How many events a client did not get, because too many bytes waited for it. It gets the present
   * states of the same containers and pod sandboxes later. Counted for each client.
   */
  long eventsDropped();
}
