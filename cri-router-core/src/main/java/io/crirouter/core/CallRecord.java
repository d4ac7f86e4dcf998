package io.crirouter.core;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** One call of a client that has ended. Immutable. The router makes it; methods may be added. */
public interface CallRecord {
  /** The rpc. */
  CriMethod method();

  /** When the router got the call, by {@link Scheduler#now}. */
  Instant startedAt();

  /** From then to its end, by {@link Scheduler#nanoTime}. */
  Duration latency();

  /** How it ended towards the client. */
  RpcStatus status();

  /** The decision; empty if the call was refused before there was one. */
  Optional<CallRoute> route();

  /**
   * What each backend contributed, in the order in which the router turned to them. Empty for
   * GetContainerEvents, whose clients share the router's own subscriptions.
   */
  List<CallPart> parts();

  /** The size of the request message, in bytes. */
  long requestBytes();

  /** The messages that the client got. */
  long responses();

  /** Their size together, in bytes. */
  long responseBytes();
}
