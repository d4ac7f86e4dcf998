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
 * One GetContainerEvents call to one runtime. It is read as fast as events come, whatever the
 * clients do: a runtime that is held up drops events. What comes is handled in tasks of the serial
 * executor.
 */
final class Subscription implements ResponseListener {
  static final CriMethod RPC = CriMethod.of("GetContainerEvents");

  /** How many events may be on their way at once. */
  private static final int WINDOW = 64;

  private final Executor serial;
  private final Listener listener;
  private RuntimeCall call = RuntimeCall.ENDED;

  /** Who handles what comes. */
  interface Listener {
    /** The runtime took the subscription: its headers are here. */
    void accepted(Subscription subscription);

    /** An event, in the runtime's language. */
    void event(Subscription subscription, ByteString event);

    /** The subscription is over; nothing comes after that. */
    void closed(Subscription subscription, RpcStatus status);
  }

  Subscription(Executor serial, Listener listener) {
    this.serial = serial;
    this.listener = listener;
  }

  /** Subscribes; within a task. */
  void start(Backend backend) {
    call = backend.subscribe(RPC, this);
    call.request(WINDOW);
  }

  /** Gives the subscription up; within a task. */
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
