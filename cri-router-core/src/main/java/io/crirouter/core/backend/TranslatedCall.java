package io.crirouter.core.backend;

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
import io.crirouter.core.lastknown.CallObserver;
import io.crirouter.core.wire.MalformedMessageException;
import io.crirouter.core.wire.RewritePlan;
import org.jspecify.annotations.Nullable;

/**
 * One call to one backend: answers are rewritten for the client, a runtime that cannot be reached
 * is named, and everything else passes as it is.
 */
final class TranslatedCall implements ResponseListener, RuntimeCall {
  private final Backend backend;
  private final CriMethod method;
  private final @Nullable RewritePlan plan;
  private final CallObserver observer;
  private final ResponseListener client;

  /** Set when {@code start} has returned. */
  private volatile @Nullable RuntimeCall upstream;

  /** Set when the call was closed towards the client before the runtime closed it. */
  private volatile boolean abandoned;

  TranslatedCall(
      Backend backend,
      CriMethod method,
      @Nullable RewritePlan plan,
      CallObserver observer,
      ResponseListener client) {
    this.backend = backend;
    this.method = method;
    this.plan = plan;
    this.observer = observer;
    this.client = client;
  }

  RuntimeCall start(RuntimeBackend runtime, CriRequest request) {
    RuntimeCall started = runtime.start(request, this);
    upstream = started;
    if (abandoned) {
      started.cancel("malformed answer");
    }
    return this;
  }

  @Override
  public void request(int count) {
    RuntimeCall started = upstream;
    if (started != null) {
      started.request(count);
    }
  }

  @Override
  public void cancel(String reason) {
    RuntimeCall started = upstream;
    if (started != null) {
      started.cancel(reason);
    }
  }

  @Override
  public void onHeaders(CallMetadata headers) {
    client.onHeaders(headers);
  }

  @Override
  public void onMessage(ByteString message) {
    observer.onMessage(message);
    if (abandoned) {
      return;
    }
    if (plan == null) {
      client.onMessage(message);
      return;
    }
    ByteString translated;
    try {
      translated = backend.translate(plan, message);
    } catch (MalformedMessageException e) {
      abandon(
          String.format(
              "runtime %s answered %s with a malformed message: %s",
              backend.name(), method.name(), e.getMessage()));
      return;
    } catch (RpcException e) {
      abandon(e.status().message());
      return;
    }
    client.onMessage(translated);
  }

  private void abandon(String message) {
    abandoned = true;
    cancel("malformed answer");
    client.onClose(RpcStatus.of(Code.INTERNAL, message));
  }

  @Override
  public void onClose(RpcStatus status) {
    observer.onClose(status);
    if (status.isUnreachable()) {
      backend.health().unreachable(status);
    } else if (status.origin() == RpcStatus.Origin.RUNTIME) {
      backend.health().answered();
    }
    if (!abandoned) {
      client.onClose(status.isUnreachable() ? backend.unavailable(status.message()) : status);
    }
  }
}
