package io.crirouter.core;

/**
 * Carries CRI calls to one runtime: a runtime behind a socket ({@code GrpcBackend}), a runtime in
 * this JVM ({@link TypedBackend} or a gRPC service), or the {@link CriRouter} itself, which looks
 * like one runtime to its client.
 *
 * <p><b>Threading.</b> {@link #start} may be called from any thread, an event loop included: it
 * must not block. A backend that runs user code brings an executor of its own.
 *
 * <p><b>Ownership.</b> Request and response messages are immutable and may be kept by either side.
 *
 * <p><b>Cancellation.</b> After {@link RuntimeCall#cancel} a backend cancels the call at its
 * runtime and closes the listener, exactly once as always.
 *
 * <p><b>Failure.</b> Neither {@code start} nor a method of its call throws; to the router, a
 * runtime that does is unreachable. The runtime's status goes to {@link ResponseListener#onClose}
 * unchanged. If the runtime cannot be reached, the status has the origin {@link
 * RpcStatus.Origin#UNREACHABLE}; by that the router detects that a runtime is lost. The backend
 * closes a call at its deadline with DEADLINE_EXCEEDED.
 */
@FunctionalInterface
public interface RuntimeBackend {
  /**
   * Starts a call.
   *
   * @param request the call
   * @param listener receives the answer; it may be called before this method returns
   * @return the handle of the call
   */
  RuntimeCall start(CriRequest request, ResponseListener listener);

  /**
   * The address of the runtime, for messages: {@code unix:/run/containerd/containerd.sock} for
   * example.
   */
  default String address() {
    return "in process";
  }

  /**
   * Registers a listener for when the runtime may have become reachable or unreachable, so that the
   * router probes it at once. The last one registered is used: a router registers one when the
   * backend is added, and one that does nothing when the backend is removed. A backend that cannot
   * detect this does nothing; the router probes it regularly.
   *
   * @param listener cheap and non-blocking; callable from any thread
   */
  default void onReachabilityChange(Runnable listener) {}
}
