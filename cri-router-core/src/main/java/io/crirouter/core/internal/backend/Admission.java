package io.crirouter.core.internal.backend;

import io.crirouter.core.RpcException;
import io.crirouter.core.RpcStatus.Code;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Whether a backend accepts new pods, and how many are being created there. While the router checks
 * whether a backend can be removed, the backend accepts none: a pod created meanwhile would make
 * the result wrong. Nor does one that is to be removed as soon as it is empty. Thread-safe.
 */
public final class Admission {
  private final Backend backend;
  private State state = State.OPEN;
  private int underWay;

  /** The removal that waits for the end of all pods, or null. */
  private @Nullable CompletableFuture<Void> drain;

  /** Whether that removal is being carried out. */
  private boolean isSettled;

  private enum State {
    OPEN,
    CLOSED,
    REMOVED
  }

  Admission(Backend backend) {
    this.backend = backend;
  }

  /**
   * Called when the creation of a pod begins. Call {@link #leave} when it ends, with success or
   * not.
   *
   * @throws RpcException UNAVAILABLE if the backend accepts no pods now; a kubelet tries again then
   */
  public synchronized void enter() throws RpcException {
    if (state != State.OPEN || drain != null) {
      String why = state == State.REMOVED ? "was removed" : "is about to be removed";
      throw new RpcException(
          Code.UNAVAILABLE,
          String.format("runtime %s takes no new pods: it %s from the router", backend, why));
    }
    underWay++;
  }

  /** Called when the creation of a pod has ended. */
  public synchronized void leave() {
    underWay--;
  }

  /** How many pods are being created. */
  public synchronized int underWay() {
    return underWay;
  }

  /** Accepts no more pods until {@link #reopen}; false if it was closed before. */
  public synchronized boolean close() {
    boolean open = state == State.OPEN;
    if (open) {
      state = State.CLOSED;
    }
    return open;
  }

  /** Accepts pods again, unless the backend was removed meanwhile. */
  public synchronized void reopen() {
    if (state == State.CLOSED) {
      state = State.OPEN;
    }
  }

  /**
   * Accepts no more pods until {@link #endDrain}.
   *
   * @return the removal to come; the same one if it was asked for before
   */
  public synchronized CompletableFuture<Void> drain() {
    if (drain == null) {
      drain = new CompletableFuture<>();
    }
    return drain;
  }

  /**
   * Called when a removal is about to be carried out.
   *
   * @param removal that of {@link #drain}
   * @return false if it was taken back; {@link #endDrain} cannot take it back from now on
   */
  public synchronized boolean settleDrain(CompletableFuture<Void> removal) {
    isSettled = drain == removal;
    return isSettled;
  }

  /** Accepts pods again. The removal that waited, or null if there is none, or none any more. */
  public synchronized @Nullable CompletableFuture<Void> endDrain() {
    if (isSettled) {
      return null;
    }
    CompletableFuture<Void> ended = drain;
    drain = null;
    return ended;
  }

  /**
   * Called when the backend is removed. It never accepts a pod again. False if it was removed
   * before.
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
