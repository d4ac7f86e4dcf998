package io.crirouter.grpc;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import com.google.protobuf.ByteString;
import io.crirouter.core.CallMetadata;
import io.crirouter.core.CriRequest;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.core.RuntimeCall;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;

/** Records the answer of a backend, and violations of the contract of {@link ResponseListener}. */
final class ResponseRecorder implements ResponseListener {
  private final CompletableFuture<CallMetadata> headers = new CompletableFuture<>();
  private final CompletableFuture<RpcStatus> status = new CompletableFuture<>();
  private final List<ByteString> messages = new CopyOnWriteArrayList<>();
  private final List<String> violations = new CopyOnWriteArrayList<>();

  /** Starts a call and requests all messages. */
  @CanIgnoreReturnValue
  static ResponseRecorder call(RuntimeBackend backend, CriRequest request) {
    ResponseRecorder recorder = new ResponseRecorder();
    RuntimeCall call = backend.start(request, recorder);
    call.request(Integer.MAX_VALUE);
    return recorder;
  }

  @Override
  public void onHeaders(CallMetadata received) {
    if (!headers.complete(received) || status.isDone()) {
      violations.add("headers out of place");
    }
  }

  @Override
  public void onMessage(ByteString message) {
    if (status.isDone()) {
      violations.add("a message after the end");
    }
    messages.add(message);
  }

  @Override
  public void onClose(RpcStatus end) {
    if (!status.complete(end)) {
      violations.add("a second end");
    }
  }

  CallMetadata headers() {
    return Await.result(headers);
  }

  List<ByteString> messages() {
    return messages;
  }

  boolean isClosed() {
    return status.isDone();
  }

  /** The status of the call. */
  RpcStatus status() {
    RpcStatus end = Await.result(status);
    if (!violations.isEmpty()) {
      throw new AssertionError(violations.toString());
    }
    return end;
  }

  /** The message of a successful call. */
  @CanIgnoreReturnValue
  ByteString message() {
    RpcStatus end = status();
    if (!end.isOk() || messages.size() != 1) {
      throw new AssertionError(end + " with " + messages.size() + " messages");
    }
    return messages.get(0);
  }
}
