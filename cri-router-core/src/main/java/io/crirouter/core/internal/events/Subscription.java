package io.crirouter.core.internal.events;

import com.google.protobuf.ByteString;
import io.crirouter.core.CallMetadata;
import io.crirouter.core.Cancellable;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RuntimeCall;
import io.crirouter.core.internal.backend.Backend;
import io.crirouter.core.internal.schema.Rpcs;
import java.time.Duration;

/**
 * One GetContainerEvents call to one runtime. It is read as fast as events arrive, whatever the
 * clients do, because a runtime drops events that are not read; but no faster than {@link
 * EventRate}. Events are handled in {@link SerialTasks}.
 */
final class Subscription implements ResponseListener {
  private static final System.Logger LOG = System.getLogger("io.crirouter");

  /** How many events are requested ahead. */
  private static final int WINDOW = 64;

  private final EventFeed feed;
  private final Backend backend;
  private final SerialTasks tasks;
  private final EventRate rate;
  private RuntimeCall call = RuntimeCall.ENDED;

  /** How many events arrived since the last request for more. */
  private int taken;

  private boolean isPausing;
  private boolean reportedPause;
  private Cancellable timer = () -> {};

  /**
   * @param rate how fast it is read, together with earlier subscriptions to this runtime
   */
  Subscription(EventFeed feed, Backend backend, SerialTasks tasks, EventRate rate) {
    this.feed = feed;
    this.backend = backend;
    this.tasks = tasks;
    this.rate = rate;
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
    tasks.execute(() -> feed.accepted());
  }

  @Override
  public void onMessage(ByteString message) {
    tasks.execute(
        () -> {
          feed.event(this, message);
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
    timer = tasks.schedule(pause, this::pauseIsOver);
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
    tasks.execute(
        () -> {
          timer.cancel();
          feed.closed(this, status);
        });
  }
}
