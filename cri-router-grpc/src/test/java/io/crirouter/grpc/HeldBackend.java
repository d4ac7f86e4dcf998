package io.crirouter.grpc;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import com.google.protobuf.ByteString;
import io.crirouter.core.CriRequest;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.core.RuntimeCall;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** A backend whose calls the test answers. */
final class HeldBackend implements RuntimeBackend {
  private final BlockingQueue<Held> calls = new LinkedBlockingQueue<>();

  @Override
  public RuntimeCall start(CriRequest request, ResponseListener listener) {
    Held call = new Held(request, listener);
    calls.add(call);
    return call;
  }

  /** The next call, in order of arrival. */
  @CanIgnoreReturnValue
  Held next() {
    return Await.next(calls);
  }

  boolean isIdle() {
    return calls.isEmpty();
  }

  /** A call that the test has to answer. */
  static final class Held implements RuntimeCall {
    final CriRequest request;
    final ResponseListener listener;
    final AtomicInteger requested = new AtomicInteger();
    final CompletableFuture<String> cancelled = new CompletableFuture<>();

    private Held(CriRequest request, ResponseListener listener) {
      this.request = request;
      this.listener = listener;
    }

    void answer(ByteString message) {
      listener.onMessage(message);
      listener.onClose(RpcStatus.OK);
    }

    String cancelReason() {
      return Await.result(cancelled);
    }

    @Override
    public void request(int count) {
      requested.addAndGet(count);
    }

    @Override
    public void cancel(String reason) {
      cancelled.complete(reason);
    }
  }
}
