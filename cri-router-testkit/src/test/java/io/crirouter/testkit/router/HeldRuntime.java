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
 * Hands the calls that it gets to the test, to be answered by hand; until it is told to hold them
 * it answers everything with an empty message, and Status with one that promises everything. For
 * one thread.
 */
final class HeldRuntime implements RuntimeBackend {
  private static final ByteString STATUS =
      SampleMessages.ofSecondary(true).fill(StatusResponse.getDescriptor()).toByteString();

  private final List<Held> calls = new ArrayList<>();
  private boolean holding;
  private boolean slowToGiveUp;

  /** From now on the test answers. */
  void hold() {
    holding = true;
  }

  /** A call that is given up goes on until the test ends it: its answer was on its way. */
  void beSlowToGiveUp() {
    slowToGiveUp = true;
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

  /** A call that waits for the test. */
  final class Held implements RuntimeCall {
    private final CriRequest request;
    private final ResponseListener listener;
    private boolean closed;
    private boolean cancelled;

    Held(CriRequest request, ResponseListener listener) {
      this.request = request;
      this.listener = listener;
    }

    /** Whether a client asks, and not the router itself, which always sets a time limit. */
    boolean isOfTheClient() {
      return request.timeoutNanos() == CriRequest.NO_TIMEOUT;
    }

    boolean isCancelled() {
      return cancelled;
    }

    void answer(ByteString message) {
      listener.onMessage(message);
    }

    /** Ends the call; does nothing if it has ended, as an answer that crosses a cancellation. */
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
      if (!slowToGiveUp) {
        end(RpcStatus.of(Code.CANCELLED, reason));
      }
    }

    @Override
    public String toString() {
      return request.method().name() + (cancelled ? " (cancelled)" : closed ? " (over)" : "");
    }
  }
}
