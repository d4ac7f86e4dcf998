package io.crirouter.core.internal.backend;

import com.google.protobuf.ByteString;
import io.crirouter.core.CallMetadata;
import io.crirouter.core.CriMethod;
import io.crirouter.core.CriRequest;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcException;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.core.RuntimeCall;
import io.crirouter.core.internal.call.ForeignCode;
import io.crirouter.core.internal.call.ResponseSize;
import io.crirouter.core.internal.inventory.ResponseObserver;
import io.crirouter.core.internal.schema.Schema;
import io.crirouter.core.internal.wire.MalformedMessageException;
import io.crirouter.proto.routing.Merge;
import org.jspecify.annotations.Nullable;

/**
 * One call to one backend. Its messages update the inventory and are translated for the client. The
 * status of an unreachable runtime names it; every other status passes unchanged.
 */
final class TranslatedCall extends GuardedCall {
  private final Backend backend;
  private final ResponseObserver observer;
  private final ResponseListener client;
  private final boolean isTranslated;
  private final @Nullable ResponseSize size;

  /** Set when the call was closed towards the client before the runtime closed it. */
  private volatile boolean abandoned;

  /** Set when the call is cancelled because the runtime is lost. */
  private volatile boolean givenUp;

  /**
   * @param isTranslated whether the messages are for a client, rather than for the router itself
   * @param size limits a response that is merged with others, and that can be replaced by the last
   *     known state; null for others
   */
  TranslatedCall(
      Backend backend,
      CriMethod method,
      ResponseObserver observer,
      ResponseListener client,
      boolean isTranslated,
      @Nullable ResponseSize size) {
    super(method);
    this.backend = backend;
    this.observer = observer;
    this.client = client;
    this.isTranslated = isTranslated;
    this.size = size;
  }

  @Override
  RuntimeCall start(RuntimeBackend runtime, CriRequest request) {
    RuntimeCall call = super.start(runtime, request);
    if (abandoned || givenUp) {
      cancel("not waited for any more");
    }
    return call;
  }

  @Override
  ForeignCode code() {
    return backend.code();
  }

  /** Whether it ends as soon as the runtime is lost: its client does without it, or repeats it. */
  boolean endsWithLoss() {
    return size != null || Schema.of(method()).merge() == Merge.REMOVE_IMAGE;
  }

  /** Cancels the call because the runtime is lost. The cancellation closes it. */
  void giveUp() {
    givenUp = true;
    cancel("the runtime is lost");
  }

  @Override
  public void onHeaders(CallMetadata headers) {
    client.onHeaders(headers);
  }

  @Override
  void received(ByteString message) {
    if (abandoned) {
      return;
    }
    if (size != null && !size.takes(message)) {
      abandon(
          Code.RESOURCE_EXHAUSTED,
          String.format(
              "runtime %s answered %s: %s", backend.name(), method().name(), size.exceeded()));
      return;
    }
    ByteString translated;
    try {
      ByteString seen = observer.onMessage(message);
      translated = isTranslated ? backend.translator().answer(method(), seen) : seen;
    } catch (MalformedMessageException e) {
      abandon(
          Code.INTERNAL,
          String.format(
              "runtime %s answered %s with a malformed message: %s",
              backend.name(), method().name(), e.getMessage()));
      return;
    } catch (RpcException e) {
      abandon(Code.INTERNAL, e.status().message());
      return;
    }
    client.onMessage(translated);
  }

  private void abandon(Code code, String message) {
    abandoned = true;
    cancel("the response cannot be used");
    client.onClose(RpcStatus.of(code, message));
  }

  @Override
  void ended(RpcStatus status) {
    backend.ended(this);
    if (!abandoned) {
      observer.onClose(status);
    }
    if (status.isUnreachable()) {
      backend.watch().unreachable(status);
    } else if (status.origin() == RpcStatus.Origin.RUNTIME) {
      backend.watch().answered();
    }
    if (!abandoned) {
      client.onClose(forClient(status));
    }
  }

  private RpcStatus forClient(RpcStatus status) {
    if (givenUp && !status.isOk()) {
      return backend.unavailable(
          "it was lost while " + method().name() + " was under way, and has not answered since");
    }
    return status.isUnreachable() ? backend.unavailable(status.message()) : status;
  }
}
