package io.crirouter.core;

import java.time.Duration;

/**
 * What one backend contributed to one call of a client. Immutable. The router makes it; methods may
 * be added.
 */
public interface CallPart {
  /** The backend. */
  BackendName backend();

  /** The rpc at the backend: RemoveImage begins with ImageStatus, for example. */
  CriMethod method();

  /**
   * Whether the backend was called. It is not while it is lost, was not ready in time, or is asked
   * in the background only because it was too slow before.
   */
  boolean wasSent();

  /**
   * How the part ended: the status of the backend; or UNAVAILABLE if it was not called, was lost or
   * missed its budget; or CANCELLED if the call ended without it.
   */
  RpcStatus status();

  /** Whether it did not answer within the budget of merged answers. */
  boolean missedBudget();

  /** Whether the last known state of the backend stands in for its answer. */
  boolean isLastKnown();

  /**
   * From the begin of the call until the backend was called; until the part ended if it was not.
   */
  Duration startedAfter();

  /** How long the backend took; zero if it was not called. */
  Duration latency();

  /** The size of the request as the backend got it, in bytes; 0 if it was not called. */
  long requestBytes();

  /** The size of its response messages with the client's ids and names, in bytes. */
  long responseBytes();
}
