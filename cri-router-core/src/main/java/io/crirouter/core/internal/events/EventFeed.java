package io.crirouter.core.internal.events;

import com.google.protobuf.ByteString;
import io.crirouter.core.RpcException;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.Scheduler;
import io.crirouter.core.Timeouts;
import io.crirouter.core.internal.backend.Backend;
import io.crirouter.core.internal.schema.MessageSchema;
import io.crirouter.core.internal.schema.Schema;
import io.crirouter.core.internal.wire.MalformedMessageException;
import io.crirouter.core.internal.wire.WellFormed;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What happens at one runtime, from the first client's coming to the last one's leaving: its own
 * events, and events made from its lists where it has none or they were lost. Lists are compared
 * with what was delivered each time the runtime has come back, now and then while it is subscribed
 * to, and often while it is not. Used within tasks of the serial executor.
 */
final class EventFeed implements Subscription.Listener, Comparison.Listener {
  private static final System.Logger LOG = System.getLogger("io.crirouter");

  /** Runtimes lose events too: containerd does when its buffer is full. */
  private static final Duration COMPARE_EVERY = Duration.ofSeconds(60);

  /** Without a subscription: how often to poll, and to try again where there should be one. */
  private static final Duration POLL_EVERY = Duration.ofSeconds(2);

  private static final MessageSchema RESPONSE =
      Schema.cri().require(Subscription.RPC.name()).response();

  private final Backend backend;
  private final Executor serial;
  private final Scheduler scheduler;
  private final Duration answerLimit;
  private final Consumer<ClientEvent> clients;
  private final Consumer<RpcStatus> refusal;
  private final DeliveredStates delivered = new DeliveredStates();

  private @Nullable Subscription subscription;
  private @Nullable Comparison comparison;

  /** Whether the runtime has shown that it takes subscriptions, or at least answers. */
  private boolean established;

  /** Whether the runtime, as it is now, has no events. */
  private boolean hasNoEvents;

  /** How the last subscription failed that brought no event: said once, though tried often. */
  private @Nullable RpcStatus lastFailure;

  private boolean compareAgain;
  private boolean reportedMalformed;
  private boolean closed;
  private Runnable stopTimer = () -> {};

  /**
   * @param clients takes the events for all clients
   * @param refusal takes the status with which the streams of all clients have to end
   */
  EventFeed(
      Backend backend,
      Executor serial,
      Timeouts timeouts,
      Scheduler scheduler,
      Consumer<ClientEvent> clients,
      Consumer<RpcStatus> refusal) {
    this.backend = backend;
    this.serial = serial;
    this.answerLimit = timeouts.ownQuestions();
    this.scheduler = scheduler;
    this.clients = clients;
    this.refusal = refusal;
  }

  /** Begins. Of a secondary that is away clients know what it had when it was last received of. */
  void open() {
    if (backend.isPrimary() || isReady()) {
      connect();
    } else {
      delivered.begin(ListQuery.lastKnown(backend));
    }
  }

  /** Begins at a secondary of which clients know nothing: all that it has is news. */
  void openAfterClients() {
    delivered.begin(PresentState.NOTHING);
    connect();
  }

  /** The runtime is there (again): subscribes, and finds out what was missed. */
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

  /** Ends everything. */
  void close() {
    closed = true;
    stopTimer.run();
    if (comparison != null) {
      comparison.stop();
    }
    if (subscription != null) {
      subscription.cancel("nobody listens to events of this runtime any more");
      subscription = null;
    }
  }

  /**
   * Ends everything, and tells that what the runtime had is gone: it was removed, lists leave it
   * out, and clients are not to believe that it goes on.
   */
  void closeForGood() {
    close();
    comparison = new Comparison(backend, delivered, serial, answerLimit, scheduler, this);
    comparison.reportAllGone();
  }

  private boolean isReady() {
    return backend.health().condition().isReady();
  }

  private void subscribe() {
    if (subscription == null && !hasNoEvents) {
      subscription = new Subscription(serial, this);
      subscription.start(backend);
      reportedMalformed = false;
    }
  }

  private void compare() {
    comparison = new Comparison(backend, delivered, serial, answerLimit, scheduler, this);
    comparison.start();
  }

  private void scheduleTick() {
    stopTimer.run();
    stopTimer =
        scheduler.schedule(
            subscription == null ? POLL_EVERY : COMPARE_EVERY, () -> serial.execute(this::tick));
  }

  private void tick() {
    // One that is away is connected to when it is back.
    if (closed || !isReady()) {
      return;
    }
    subscribe();
    if (comparison == null) {
      compare();
    }
    scheduleTick();
  }

  @Override
  public void accepted(Subscription by) {
    established = true;
  }

  @Override
  public void event(Subscription by, ByteString event) {
    if (by != subscription) {
      return;
    }
    established = true;
    lastFailure = null;
    try {
      WellFormed.require(event, RESPONSE);
      backend.inventory().observeEvent(event);
      ReceivedEvent received = ReceivedEvent.parse(event);
      ClientEvent translated = translate(received.id(), event);
      if (delivered.receive(received)) {
        clients.accept(translated);
      }
    } catch (MalformedMessageException | RpcException e) {
      malformed(e);
    }
  }

  @Override
  public void closed(Subscription by, RpcStatus status) {
    if (by != subscription) {
      return;
    }
    subscription = null;
    if (backend.isPrimary() && (status.isUnimplemented() || !established)) {
      refusal.accept(status);
      return;
    }
    hasNoEvents = status.isUnimplemented();
    if (!hasNoEvents) {
      backend.health().probeNow();
    }
    if (!status.equals(lastFailure)) {
      lastFailure = status;
      LOG.log(System.Logger.Level.INFO, "runtime {0} tells no events now: {1}", backend, status);
    }
    scheduleTick();
  }

  @Override
  public void listed() {
    established = true;
  }

  @Override
  public void found(String id, ByteString event) {
    try {
      clients.accept(translate(id, event));
    } catch (MalformedMessageException | RpcException e) {
      malformed(e);
    }
  }

  @Override
  public void compared() {
    comparison = null;
    if (compareAgain && !closed) {
      compareAgain = false;
      compare();
    }
  }

  private ClientEvent translate(String id, ByteString event)
      throws MalformedMessageException, RpcException {
    return new ClientEvent(
        backend.translator().clientId(id), backend.translator().answer(Subscription.RPC, event));
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
