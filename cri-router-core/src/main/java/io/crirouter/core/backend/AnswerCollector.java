package io.crirouter.core.backend;

import com.google.protobuf.ByteString;
import io.crirouter.core.CriRequest;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.core.RuntimeCall;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** Waits for all of one answer, be it one message or a stream of them, and hands it over once. */
public final class AnswerCollector implements ResponseListener {
  private final BiConsumer<RpcStatus, ByteString> whenDone;
  private final boolean streaming;
  private ByteString collected = ByteString.EMPTY;
  private boolean any;

  /** The call; null until {@code start} has returned. */
  private volatile @Nullable RuntimeCall call;

  private AnswerCollector(boolean streaming, BiConsumer<RpcStatus, ByteString> whenDone) {
    this.streaming = streaming;
    this.whenDone = whenDone;
  }

  /** Starts a call and hands its whole answer to {@code whenDone}, exactly once. */
  public static RuntimeCall start(
      RuntimeBackend runtime, CriRequest request, BiConsumer<RpcStatus, ByteString> whenDone) {
    AnswerCollector collector = new AnswerCollector(request.method().serverStreaming(), whenDone);
    RuntimeCall call = runtime.start(request, collector);
    collector.call = call;
    call.request(1);
    return call;
  }

  @Override
  public void onMessage(ByteString message) {
    collected = any ? collected.concat(message) : message;
    any = true;
    RuntimeCall started = call;
    if (streaming && started != null) {
      started.request(1);
    }
  }

  @Override
  public void onClose(RpcStatus status) {
    if (!status.isOk()) {
      whenDone.accept(status, ByteString.EMPTY);
    } else if (!any && !streaming) {
      whenDone.accept(
          RpcStatus.of(Code.INTERNAL, "the call succeeded without an answer"), ByteString.EMPTY);
    } else {
      whenDone.accept(status, collected);
    }
  }
}
