package io.crirouter.core;

/**
 * Hears how the runtimes behind a router fare: for metrics, for a readiness probe, to tell an
 * operator. See {@link CriRouter.Builder#listener}.
 *
 * <p><b>What is told.</b> Each change of {@linkplain BackendState#phase phase}, exactly once. How a
 * runtime was at first is not a change; {@link CriRouter#backends} tells that. Nothing is told of a
 * runtime after the router was closed.
 *
 * <p><b>Order and threads.</b> Called on the threads of the backends and the scheduler. The changes
 * of one runtime come one at a time and in the order in which they happened; those of two runtimes
 * may come at the same time. By the time of the call the runtime may be different again.
 *
 * <p><b>Duties.</b> Must not block: what waits for a call to return is the news of the same runtime
 * for all others. May call the router. What it throws is logged, and changes nothing.
 */
@FunctionalInterface
public interface BackendListener {
  /** A runtime has entered another phase. */
  void changed(BackendState state);
}
