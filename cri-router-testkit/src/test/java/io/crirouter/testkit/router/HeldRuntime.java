package io.crirouter.testkit.router;

import com.google.protobuf.ByteString;
import io.crirouter.core.CriRequest;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.core.RuntimeCall;
import io.crirouter.proto.v1.StatusResponse;
import java.util.ArrayList;
import java.util.List;

/**
 * A runtime whose calls the test answers by hand. Before {@link #hold} it answers each call with an
 * empty message, and Status with all features. Not thread-safe.
 */
final class HeldRuntime implements RuntimeBackend {
  private static final ByteString STATUS =
      SampleMessages.ofSecondary(true).fill(StatusResponse.getDescriptor()).toByteString();

  private final List<Held> calls = new ArrayList<>();
  private boolean holding;
  private boolean ignoresCancellations;

  /** Holds all calls from now on. */
  void hold() {
    holding = true;
  }

  /** Keeps cancelled calls open until the test ends them, as if a response was under way. */
  void ignoreCancellations() {
    ignoresCancellations = true;
  }

  /** The calls since {@link #hold}. */
  List<Held> calls() {
    return List.copyOf(calls);
  }

  /** The names of the rpcs that were called since {@link #hold}. */
  List<String> rpcs() {
    return calls.stream().map(call -> call.request.method().name()).toList();
  }

  @Override
  public RuntimeCall start(CriRequest request, ResponseListener listener) {
    Held call = new Held(request, listener);
    if (holding) {
      calls.add(call);
    } else {
      call.answer(request.method().name().equals("Status") ? STATUS : ByteString.EMPTY);
      call.end(RpcStatus.OK);
    }
    return call;
  }

  /** A held call. */
  final class Held implements RuntimeCall {
    private final CriRequest request;
    private final ResponseListener listener;
    private boolean closed;
    private boolean cancelled;

    Held(CriRequest request, ResponseListener listener) {
      this.request = request;
      this.listener = listener;
    }

    /** Whether the call is from a client. Calls of the router itself always have a timeout. */
    boolean isOfTheClient() {
      return request.timeoutNanos() == CriRequest.NO_TIMEOUT;
    }

    boolean isCancelled() {
      return cancelled;
    }

    void answer(ByteString message) {
      listener.onMessage(message);
    }

    /** Ends the call. Does nothing if it has ended. */
    void end(RpcStatus status) {
      if (!closed) {
        closed = true;
        listener.onClose(status);
      }
    }

    @Override
    public void request(int count) {}

    @Override
    public void cancel(String reason) {
      cancelled = true;
      if (!ignoresCancellations) {
        end(RpcStatus.of(Code.CANCELLED, reason));
      }
    }

    @Override
    public String toString() {
      return request.method().name() + (cancelled ? " (cancelled)" : closed ? " (over)" : "");
    }
  }
}
