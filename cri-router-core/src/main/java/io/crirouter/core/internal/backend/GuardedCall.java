package io.crirouter.core.internal.backend;

import static java.util.Objects.requireNonNull;

import com.google.protobuf.ByteString;
import io.crirouter.core.CriMethod;
import io.crirouter.core.CriRequest;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.core.RuntimeCall;
import io.crirouter.core.internal.call.ForeignCode;

/**
 * A call to a runtime that may break the rules of {@link RuntimeBackend}. If it throws, or returns
 * no call, the call ends as that of an unreachable runtime. What it reports after the end of the
 * call is ignored. Thread-safe.
 */
abstract class GuardedCall implements ResponseListener, RuntimeCall {
  private final CriMethod method;

  /** The call of the runtime, when {@code start} has returned. */
  private volatile RuntimeCall call = ENDED;

  private volatile boolean isClosed;

  GuardedCall(CriMethod method) {
    this.method = method;
  }

  /** Reports the failures of the runtime. */
  abstract ForeignCode code();

  /** A message from the runtime. */
  abstract void received(ByteString message);

  /** The end of the call; called once. */
  abstract void ended(RpcStatus status);

  final CriMethod method() {
    return method;
  }

  RuntimeCall start(RuntimeBackend runtime, CriRequest request) {
    try {
      call = requireNonNull(runtime.start(request, this), "it returned no call");
    } catch (RuntimeException | Error e) {
      failed(e);
    }
    return this;
  }

  @Override
  public final void request(int count) {
    try {
      call.request(count);
    } catch (RuntimeException | Error e) {
      failed(e);
    }
  }

  @Override
  public final long heldBytes() {
    try {
      return call.heldBytes();
    } catch (RuntimeException | Error e) {
      code().failedIn(method.name(), e);
      return 0;
    }
  }

  @Override
  public final void cancel(String reason) {
    try {
      call.cancel(reason);
    } catch (RuntimeException | Error e) {
      failed(e);
    }
  }

  @Override
  public final void onMessage(ByteString message) {
    if (!isClosed) {
      received(message);
    }
  }

  @Override
  public final void onClose(RpcStatus status) {
    if (close()) {
      ended(status);
    }
  }

  private synchronized boolean close() {
    boolean isFirst = !isClosed;
    isClosed = true;
    return isFirst;
  }

  private void failed(Throwable failure) {
    code().failedIn(method.name(), failure);
    onClose(RpcStatus.unreachable("it failed in " + method.name() + ": " + failure));
  }
}
