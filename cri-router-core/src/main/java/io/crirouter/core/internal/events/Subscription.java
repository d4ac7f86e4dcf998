package io.crirouter.core.internal.events;

import com.google.protobuf.ByteString;
import io.crirouter.core.CallMetadata;
import io.crirouter.core.Cancellable;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RuntimeCall;
import io.crirouter.core.Scheduler;
import io.crirouter.core.internal.backend.Backend;
import io.crirouter.core.internal.schema.Rpcs;
import java.time.Duration;
import java.util.concurrent.Executor;

/**
 * One GetContainerEvents call to one runtime. It is read as fast as events arrive, whatever the
 * clients do, because a runtime drops events that are not read; but no faster than {@link
 * EventRate}. Events are handled in tasks of the serial executor.
 */
final class Subscription implements ResponseListener {
  private static final System.Logger LOG = System.getLogger("io.crirouter");

  /** How many events are requested ahead. */
  private static final int WINDOW = 64;

  private final Backend backend;
  private final Executor serial;
  private final Scheduler scheduler;
  private final Listener listener;
  private final EventRate rate;
  private RuntimeCall call = RuntimeCall.ENDED;

  /** How many events arrived since the last request for more. */
  private int taken;

  private boolean isPausing;
  private boolean reportedPause;
  private Cancellable timer = () -> {};

  /** Receives the events. */
  interface Listener {
    /** The runtime accepted the subscription and sent headers. */
    void accepted(Subscription subscription);

    /** An event, with the runtime's ids. */
    void event(Subscription subscription, ByteString event);

    /** The end of the subscription. */
    void closed(Subscription subscription, RpcStatus status);
  }

  /**
   * @param rate how fast it is read, together with earlier subscriptions to this runtime
   */
  Subscription(
      Backend backend, Executor serial, Scheduler scheduler, EventRate rate, Listener listener) {
    this.backend = backend;
    this.serial = serial;
    this.scheduler = scheduler;
    this.rate = rate;
    this.listener = listener;
  }

  /** Subscribes; called in a task. */
  void start() {
    call = backend.subscribe(Rpcs.GET_CONTAINER_EVENTS, this);
    call.request(WINDOW);
  }

  /** Cancels the subscription; called in a task. */
  void cancel(String reason) {
    timer.cancel();
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
          rate.count(message.size());
          taken++;
          requestMore();
        });
  }

  private void requestMore() {
    if (isPausing) {
      return;
    }
    Duration pause = rate.pause();
    if (pause.isZero()) {
      call.request(taken);
      taken = 0;
      return;
    }
    isPausing = true;
    timer = scheduler.schedule(pause, () -> serial.execute(this::pauseIsOver));
    if (!reportedPause) {
      reportedPause = true;
      LOG.log(
          System.Logger.Level.WARNING,
          "runtime {0} sends too many container events: {1} in a second are read",
          backend,
          EventRate.PER_SECOND);
    }
  }

  private void pauseIsOver() {
    isPausing = false;
    requestMore();
  }

  @Override
  public void onClose(RpcStatus status) {
    serial.execute(
        () -> {
          timer.cancel();
          listener.closed(this, status);
        });
  }
}
