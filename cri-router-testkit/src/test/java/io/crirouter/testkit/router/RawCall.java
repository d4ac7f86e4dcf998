package io.crirouter.testkit.router;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.crirouter.core.CriMethod;
import io.crirouter.core.CriRequest;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.core.RuntimeCall;
import io.crirouter.proto.v1.CriServices;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A call whose response is kept as bytes. */
final class RawCall implements ResponseListener {
  private static final int LIMIT_SECONDS = 20;

  private final BlockingQueue<ByteString> arriving = new LinkedBlockingQueue<>();
  private final List<ByteString> messages = new CopyOnWriteArrayList<>();
  private final CompletableFuture<RpcStatus> status = new CompletableFuture<>();
  private final MethodDescriptor rpc;
  private RuntimeCall call = RuntimeCall.ENDED;

  private RawCall(String name) {
    rpc =
        CriServices.getDescriptor().getServices().stream()
            .map(service -> service.findMethodByName(name))
            .filter(Objects::nonNull)
            .findFirst()
            .orElseThrow(() -> new IllegalArgumentException("no rpc " + name));
  }

  static RawCall start(RuntimeBackend runtime, String rpc, ByteString request) {
    return start(runtime, CriRequest.of(CriMethod.of(rpc), request));
  }

  static RawCall start(RuntimeBackend runtime, CriRequest request) {
    RawCall raw = new RawCall(request.method().name());
    raw.call = runtime.start(request, raw);
    raw.call.request(request.method().serverStreaming() ? 1000 : 1);
    return raw;
  }

  @Override
  public void onMessage(ByteString message) {
    messages.add(message);
    arriving.add(message);
  }

  @Override
  public void onClose(RpcStatus end) {
    status.complete(end);
  }

  void cancel() {
    cancel("the test has seen enough");
  }

  void cancel(String reason) {
    call.cancel(reason);
  }

  long heldBytes() {
    return call.heldBytes();
  }

  /** The next message of a stream. */
  ByteString next() throws InterruptedException {
    ByteString message = arriving.poll(LIMIT_SECONDS, TimeUnit.SECONDS);
    if (message == null) {
      throw new AssertionError("no message within " + LIMIT_SECONDS + " s; status " + status);
    }
    return message;
  }

  boolean isClosed() {
    return status.isDone();
  }

  RpcStatus status() {
    return status.orTimeout(LIMIT_SECONDS, TimeUnit.SECONDS).join();
  }

  /** The messages received so far, in order. */
  List<ByteString> messages() {
    return List.copyOf(messages);
  }

  /** The response of a call that must succeed. Messages of a stream are concatenated. */
  ByteString answer() {
    RpcStatus end = status();
    if (!end.isOk()) {
      throw new AssertionError("the call failed: " + end);
    }
    return messages.stream().reduce(ByteString.EMPTY, ByteString::concat);
  }

  /** The response as a message. */
  Message message() throws InvalidProtocolBufferException {
    return DynamicMessage.parseFrom(rpc.getOutputType(), answer());
  }
}
