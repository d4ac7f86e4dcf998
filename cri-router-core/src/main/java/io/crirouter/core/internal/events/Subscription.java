package io.crirouter.core.internal.events;

import com.google.protobuf.ByteString;
import io.crirouter.core.CallMetadata;
import io.crirouter.core.CriMethod;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RuntimeCall;
import io.crirouter.core.internal.backend.Backend;
import java.util.concurrent.Executor;

/**
 * One GetContainerEvents call to one runtime. It is read as fast as events arrive, whatever the
 * clients do, because a runtime drops events that are not read. Events are handled in tasks of the
 * serial executor.
 */
final class Subscription implements ResponseListener {
  static final CriMethod RPC = CriMethod.of("GetContainerEvents");

  /** How many events are requested ahead. */
  private static final int WINDOW = 64;

  private final Executor serial;
  private final Listener listener;
  private RuntimeCall call = RuntimeCall.ENDED;

  /** Receives the events. */
  interface Listener {
    /** The runtime accepted the subscription and sent headers. */
    void accepted(Subscription subscription);

    /** An event, with the runtime's ids. */
    void event(Subscription subscription, ByteString event);

    /** The end of the subscription. */
    void closed(Subscription subscription, RpcStatus status);
  }

  Subscription(Executor serial, Listener listener) {
    this.serial = serial;
    this.listener = listener;
  }

  /** Subscribes; called in a task. */
  void start(Backend backend) {
    call = backend.subscribe(RPC, this);
    call.request(WINDOW);
  }

  /** Cancels the subscription; called in a task. */
  void cancel(String reason) {
    call.cancel(reason);
  }

  @Override
  public void onHeaders(CallMetadata headers) {
    serial.execute(() -> listener.accepted(this));
  }

  @Override
  public void onMessage(ByteString message) {
    serial.execute(
        () -> {
          listener.event(this, message);
          call.request(1);
        });
  }

  @Override
  public void onClose(RpcStatus status) {
    serial.execute(() -> listener.closed(this, status));
  }
}
