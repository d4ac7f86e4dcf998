package io.crirouter.core;

/**
 * Carries CRI calls to one runtime. This is the seam between the router and everything that speaks
 * CRI: a runtime behind a socket ({@code GrpcBackend}), a runtime in this JVM ({@link TypedBackend}
 * or a gRPC service), and the {@link CriRouter} itself, which looks like one runtime to its client.
 *
 * <p><b>Threading.</b> {@link #start} may be called from any thread, an event loop included: it
 * must not block. A backend that runs user code brings an executor of its own.
 *
 * <p><b>Ownership.</b> Request and response messages are immutable and may be kept by either side.
 *
 * <p><b>Cancellation.</b> After {@link RuntimeCall#cancel} a backend tells its runtime and closes
 * the listener; it still closes it exactly once.
 *
 * <p><b>Failure.</b> {@code start} never throws. What the runtime answers goes to {@link
 * ResponseListener#onClose} unchanged. If no answer can be had, the status has the origin {@link
 * RpcStatus.Origin#UNREACHABLE}, which is how the router learns that a runtime is lost. A call
 * whose time ran out is closed by the backend with DEADLINE_EXCEEDED.
 */
@FunctionalInterface
public interface RuntimeBackend {
  /**
   * Starts a call.
   *
   * @param request the call
   * @param listener receives the answer; it may be called before this method returns
   * @return the hold on the call
   */
  RuntimeCall start(CriRequest request, ResponseListener listener);

  /**
   * Where the runtime is, for messages to people: {@code unix:/run/containerd/containerd.sock},
   * say.
   */
  default String address() {
    return "in process";
  }

  /**
   * Registers what to do when the runtime may have become reachable or unreachable, so that the
   * router probes it at once instead of at its next turn. The last one registered counts: a router
   * registers one when it is given the backend, and one that does nothing when the backend is
   * removed from it. A backend that cannot tell does nothing: the router probes it in time.
   *
   * @param listener cheap and non-blocking; callable from any thread
   */
  default void onReachabilityChange(Runnable listener) {}
}
