package io.crirouter.core.internal.backend;

import io.crirouter.core.RpcException;
import io.crirouter.core.RpcStatus.Code;

/**
 * Whether a backend takes new pods, and how many are being created there. While it is found out
 * whether a backend can be removed it takes none, or the answer would be wrong by the time it is
 * there. Thread-safe.
 */
public final class Admission {
  private final Backend backend;
  private State state = State.OPEN;
  private int underWay;

  private enum State {
    OPEN,
    CLOSED,
    REMOVED
  }

  Admission(Backend backend) {
    this.backend = backend;
  }

  /**
   * The creation of a pod begins; {@link #leave} is to follow when it has ended, in whatever way.
   *
   * @throws RpcException UNAVAILABLE if the backend takes no pods now, so that a kubelet tries
   *     again
   */
  public synchronized void enter() throws RpcException {
    if (state != State.OPEN) {
      String why = state == State.REMOVED ? "was removed" : "is about to be removed";
      throw new RpcException(
          Code.UNAVAILABLE,
          String.format("runtime %s takes no new pods: it %s from the router", backend, why));
    }
    underWay++;
  }

  /** The creation of a pod has ended. */
  public synchronized void leave() {
    underWay--;
  }

  /** How many pods are being created. */
  public synchronized int underWay() {
    return underWay;
  }

  /** Takes no more pods until {@link #reopen}; false if that is so already. */
  public synchronized boolean close() {
    boolean open = state == State.OPEN;
    if (open) {
      state = State.CLOSED;
    }
    return open;
  }

  /** Takes pods again, unless the backend was removed meanwhile. */
  public synchronized void reopen() {
    if (state == State.CLOSED) {
      state = State.OPEN;
    }
  }

  /**
   * Never takes a pod again: the backend is no part of the router any more; false if it was not.
   */
  synchronized boolean end() {
    boolean isChange = state != State.REMOVED;
    state = State.REMOVED;
    return isChange;
  }

  /** Whether the backend was removed. */
  synchronized boolean isRemoved() {
    return state == State.REMOVED;
  }
}
