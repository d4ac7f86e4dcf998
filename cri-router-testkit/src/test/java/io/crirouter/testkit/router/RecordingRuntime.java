package io.crirouter.testkit.router;

import com.google.protobuf.ByteString;
import io.crirouter.core.CallMetadata;
import io.crirouter.core.CriRequest;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.core.RuntimeCall;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;

/** Answers each rpc with prepared bytes, and records the bytes of the requests. */
final class RecordingRuntime implements RuntimeBackend {
  private final Map<String, ByteString> answers = new ConcurrentHashMap<>();
  private final Queue<CriRequest> calls = new ConcurrentLinkedQueue<>();

  void answer(String rpc, ByteString message) {
    answers.put(rpc, message);
  }

  /** The prepared response of {@code rpc}. */
  ByteString answerTo(String rpc) {
    ByteString answer = answers.get(rpc);
    if (answer == null) {
      throw new AssertionError("no answer is laid out for " + rpc);
    }
    return answer;
  }

  /** The requests of an rpc, in order. */
  List<ByteString> requestsOf(String rpc) {
    return calls.stream()
        .filter(call -> call.method().name().equals(rpc))
        .map(CriRequest::message)
        .toList();
  }

  /** The headers of the calls of an rpc, in order. */
  List<CallMetadata> headersOf(String rpc) {
    return calls.stream()
        .filter(call -> call.method().name().equals(rpc))
        .map(CriRequest::metadata)
        .toList();
  }

  void forgetCalls() {
    calls.clear();
  }

  @Override
  public RuntimeCall start(CriRequest request, ResponseListener listener) {
    calls.add(request);
    ByteString answer = answers.get(request.method().name());
    if (answer == null) {
      listener.onClose(RpcStatus.of(Code.UNIMPLEMENTED, "no answer laid out"));
      return RuntimeCall.ENDED;
    }
    boolean endless = request.method().name().equals("GetContainerEvents");
    return new PreparedCall(answer, endless, listener);
  }

  private static final class PreparedCall implements RuntimeCall {
    private final ByteString answer;
    private final boolean endless;
    private final ResponseListener listener;
    private final AtomicBoolean answered = new AtomicBoolean();
    private final AtomicBoolean closed = new AtomicBoolean();

    PreparedCall(ByteString answer, boolean endless, ResponseListener listener) {
      this.answer = answer;
      this.endless = endless;
      this.listener = listener;
    }

    @Override
    public void request(int count) {
      if (!answered.compareAndSet(false, true)) {
        return;
      }
      listener.onMessage(answer);
      if (!endless && closed.compareAndSet(false, true)) {
        listener.onClose(RpcStatus.OK);
      }
    }

    @Override
    public void cancel(String reason) {
      if (closed.compareAndSet(false, true)) {
        listener.onClose(RpcStatus.of(Code.CANCELLED, reason));
      }
    }
  }
}
