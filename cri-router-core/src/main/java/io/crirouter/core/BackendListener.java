package io.crirouter.core;

/**
 * Is called when the state of a runtime changes: for metrics, a readiness probe or messages to an
 * operator. See {@link CriRouter.Builder#listener}.
 *
 * <p><b>What is reported.</b> Each change of {@linkplain BackendState#phase phase}, exactly once.
 * The first state of a runtime is not a change; {@link CriRouter#backends} has it. Nothing is
 * reported after the router was closed.
 *
 * <p><b>Order and threads.</b> Called on the threads of the backends and the scheduler. The changes
 * of one runtime come one at a time and in the order in which they happened; those of two runtimes
 * may come at the same time. The state may have changed again by the time of the call.
 *
 * <p><b>Duties.</b> Must not block: reports about the same runtime to all listeners wait for it.
 * May call the router. An exception is logged and has no other effect.
 */
@FunctionalInterface
public interface BackendListener {
  /** A runtime has entered another phase. */
  void changed(BackendState state);
}
