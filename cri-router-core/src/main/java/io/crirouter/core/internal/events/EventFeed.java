package io.crirouter.core.internal.events;

import com.google.protobuf.ByteString;
import io.crirouter.core.Cancellable;
import io.crirouter.core.RpcException;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.internal.backend.Backend;
import io.crirouter.core.internal.call.ClippedText;
import io.crirouter.core.internal.schema.MessageSchema;
import io.crirouter.core.internal.schema.Rpcs;
import io.crirouter.core.internal.schema.Schema;
import io.crirouter.core.internal.wire.MalformedMessageException;
import io.crirouter.core.internal.wire.WellFormed;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The events of one runtime, as long as there is a client: its own events, and events made from its
 * lists where it has none or lost some. Lists are compared with the delivered states each time the
 * runtime becomes ready, every minute while there is a subscription, and every two seconds while
 * there is none. Used only in {@link SerialTasks}.
 */
final class EventFeed implements EventSource {
  private static final System.Logger LOG = System.getLogger("io.crirouter");

  /** Runtimes lose events: containerd does when its buffer is full. */
  private static final Duration COMPARE_EVERY = Duration.ofSeconds(60);

  /**
   * The interval for polling, and for new attempts to subscribe, while there is no subscription.
   */
  private static final Duration POLL_EVERY = Duration.ofSeconds(2);

  private static final MessageSchema RESPONSE = Schema.of(Rpcs.GET_CONTAINER_EVENTS).response();

  private final Backend backend;
  private final SerialTasks tasks;
  private final EventRate rate;
  private final EventClients clients;
  private final DeliveredStates delivered;

  private @Nullable Subscription subscription;
  private @Nullable Comparison comparison;

  /** Whether the runtime has accepted a subscription or answered a list. */
  private boolean established;

  /** Whether the runtime does not implement events, as of its last connection. */
  private boolean hasNoEvents;

  /** How the last subscription without an event failed: logged once, however often it is tried. */
  private @Nullable RpcStatus lastFailure;

  private boolean compareAgain;

  /** Whether clients are to get the states of what they missed at the next comparison. */
  private boolean catchesUp;

  private boolean reportedMalformed;
  private boolean closed;
  private Cancellable timer = () -> {};

  /**
   * @param delivered the states that clients got before, if any
   */
  EventFeed(Backend backend, SerialTasks tasks, DeliveredStates delivered, EventClients clients) {
    this.backend = backend;
    this.tasks = tasks;
    this.rate = new EventRate(tasks);
    this.delivered = delivered;
    this.clients = clients;
  }

  /**
   * Opens the feed for the first client. Clients know the last known state of a secondary that is
   * not ready.
   */
  void open() {
    if (backend.isPrimary() || isReady()) {
      connect();
    } else {
      delivered.begin(PresentState.lastKnown(backend));
    }
  }

  /**
   * Opens the feed of a secondary that was added after the clients subscribed: they know nothing of
   * it, so that every object becomes an event.
   */
  void openAfterClients() {
    delivered.begin(PresentState.NOTHING);
    connect();
  }

  /** Called when the runtime is ready. Subscribes, and compares lists to find missed events. */
  void connect() {
    hasNoEvents = false;
    subscribe();
    if (comparison == null) {
      compare();
    } else {
      compareAgain = true;
    }
    scheduleTick();
  }

  /** Closes the feed. */
  void close() {
    delivered.close();
    stop();
  }

  /** Closes the feed. Another feed of the same runtime continues with its delivered states. */
  DeliveredStates handOver() {
    stop();
    return delivered;
  }

  private void stop() {
    closed = true;
    timer.cancel();
    if (comparison != null) {
      comparison.stop();
    }
    if (subscription != null) {
      subscription.cancel("no client reads the events of this runtime");
      subscription = null;
    }
  }

  /**
   * Closes the feed of a runtime that was removed. Clients get an event of deletion for each of its
   * objects, because lists no longer have them.
   */
  void closeForGood() {
    close();
    comparison = new Comparison(this, backend, delivered, tasks);
    comparison.reportAllGone();
  }

  private boolean isReady() {
    return backend.health().isReady();
  }

  private void subscribe() {
    if (subscription == null && !hasNoEvents) {
      subscription = new Subscription(this, backend, tasks, rate);
      subscription.start();
      reportedMalformed = false;
    }
  }

  private void compare() {
    catchesUp = false;
    comparison = new Comparison(this, backend, delivered, tasks);
    comparison.start();
  }

  private void scheduleTick() {
    timer.cancel();
    boolean isSoon = subscription == null || catchesUp;
    timer = tasks.schedule(isSoon ? POLL_EVERY : COMPARE_EVERY, this::tick);
  }

  private void tick() {
    // One that is not ready is connected when it becomes ready.
    if (closed || !isReady()) {
      return;
    }
    subscribe();
    if (comparison == null) {
      compare();
    }
    scheduleTick();
  }

  /** The runtime accepted a subscription and sent headers. */
  void accepted() {
    established = true;
  }

  /** Receives an event, with the runtime's ids. */
  void event(Subscription by, ByteString event) {
    if (by != subscription) {
      return;
    }
    established = true;
    lastFailure = null;
    backend.eventCounts().received().increment();
    try {
      WellFormed.require(event, RESPONSE);
      backend.inventory().observeEvent(event);
      ReceivedEvent received = ReceivedEvent.parse(event);
      ByteString translated = translate(event);
      EventSubject subject = delivered.receive(received);
      if (subject != null) {
        clients.publish(this, new ClientEvent(subject, translated));
      }
    } catch (MalformedMessageException | RpcException e) {
      malformed(e);
    }
  }

  /** A subscription has ended. */
  void closed(Subscription by, RpcStatus status) {
    if (by != subscription) {
      return;
    }
    subscription = null;
    if (backend.isPrimary() && (status.isUnimplemented() || !established)) {
      clients.end(status);
      return;
    }
    hasNoEvents = status.isUnimplemented();
    if (!hasNoEvents) {
      backend.watch().probeNow();
    }
    if (!status.equals(lastFailure)) {
      lastFailure = status;
      LOG.log(
          System.Logger.Level.INFO,
          "runtime {0} sends no events now: {1}",
          backend,
          ClippedText.of(status));
    }
    scheduleTick();
  }

  /** The runtime answered its lists. */
  void listed() {
    established = true;
  }

  /** Receives an event, with the runtime's ids, that a comparison made of a difference. */
  void found(Difference difference, ByteString event) {
    try {
      ClientEvent translated = new ClientEvent(difference.subject(), translate(event));
      if (difference.isRepeated()) {
        clients.repeat(this, translated);
      } else {
        clients.publish(this, translated);
      }
    } catch (MalformedMessageException | RpcException e) {
      malformed(e);
    }
  }

  /** The comparison is over. */
  void compared() {
    comparison = null;
    if (closed) {
      return;
    }
    if (!delivered.hasLost()) {
      clients.caughtUp(this);
    } else if (clients.isOneBehind(this)) {
      catchUp();
    }
    if (compareAgain) {
      compareAgain = false;
      compare();
    }
  }

  @Override
  public void lost(List<ClientEvent> events) {
    if (!delivered.hasLost()) {
      LOG.log(
          System.Logger.Level.WARNING,
          "a client does not read the events of runtime {0} fast enough: it gets the present states"
              + " of {1} containers and pod sandboxes when it has read the other events",
          backend,
          events.size());
    }
    backend.eventCounts().dropped().add(events.size());
    events.forEach(event -> delivered.lost(event.subject()));
  }

  @Override
  public void coalesced() {
    backend.eventCounts().coalesced().increment();
  }

  @Override
  public void catchUp() {
    if (!catchesUp && !closed) {
      catchesUp = true;
      scheduleTick();
    }
  }

  private ByteString translate(ByteString event) throws MalformedMessageException, RpcException {
    return backend.translator().answer(Rpcs.GET_CONTAINER_EVENTS, event);
  }

  private void malformed(Exception e) {
    if (!reportedMalformed) {
      reportedMalformed = true;
      LOG.log(
          System.Logger.Level.WARNING,
          "runtime {0} sends malformed container events, which are left out: {1}",
          backend,
          e.getMessage());
    }
  }
}
