package io.crirouter.core.internal.call;

import com.google.protobuf.ByteString;
import io.crirouter.core.CriRequest;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.core.RuntimeCall;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Collects the whole response to one call, unary or streamed, and hands it over once. A response
 * that is too long is cancelled.
 */
public final class ResponseCollector implements ResponseListener {
  private final BiConsumer<RpcStatus, ByteString> whenDone;
  private final boolean streaming;
  private ByteString collected = ByteString.EMPTY;
  private final @Nullable ResponseSize size;
  private boolean any;
  private boolean isClosed;

  /** The call; null until {@code start} has returned. */
  private volatile @Nullable RuntimeCall call;

  /** Set when the response is too long. */
  private volatile boolean isTooLong;

  private ResponseCollector(
      boolean streaming, @Nullable ResponseSize size, BiConsumer<RpcStatus, ByteString> whenDone) {
    this.streaming = streaming;
    this.size = size;
    this.whenDone = whenDone;
  }

  /**
   * Starts a call and hands its whole response to {@code whenDone}, exactly once. The messages of a
   * stream are concatenated, which for list messages is their union.
   */
  public static RuntimeCall start(
      RuntimeBackend runtime, CriRequest request, BiConsumer<RpcStatus, ByteString> whenDone) {
    return start(runtime, request, ResponseSize.alone(), whenDone);
  }

  /**
   * The same.
   *
   * @param size a longer response becomes RESOURCE_EXHAUSTED; null if {@code runtime} sees to that
   */
  public static RuntimeCall start(
      RuntimeBackend runtime,
      CriRequest request,
      @Nullable ResponseSize size,
      BiConsumer<RpcStatus, ByteString> whenDone) {
    ResponseCollector collector =
        new ResponseCollector(request.method().serverStreaming(), size, whenDone);
    RuntimeCall call = runtime.start(request, collector);
    collector.call = call;
    call.request(1);
    if (collector.isTooLong) {
      call.cancel("the response is too long");
    }
    return call;
  }

  @Override
  public void onMessage(ByteString message) {
    RuntimeCall started = call;
    if (size != null && !size.takes(message)) {
      collected = ByteString.EMPTY;
      isTooLong = true;
      if (started != null) {
        started.cancel("the response is too long");
      }
      return;
    }
    collected = any ? collected.concat(message) : message;
    any = true;
    if (streaming && started != null) {
      started.request(1);
    }
  }

  @Override
  public void onClose(RpcStatus status) {
    if (isClosed) {
      return;
    }
    isClosed = true;
    if (size != null && isTooLong) {
      fail(Code.RESOURCE_EXHAUSTED, size.exceeded());
    } else if (!status.isOk()) {
      whenDone.accept(status, ByteString.EMPTY);
    } else if (!any && !streaming) {
      fail(Code.INTERNAL, "the call succeeded without an answer");
    } else {
      whenDone.accept(status, collected);
    }
  }

  private void fail(Code code, String message) {
    whenDone.accept(RpcStatus.of(code, message), ByteString.EMPTY);
  }
}
