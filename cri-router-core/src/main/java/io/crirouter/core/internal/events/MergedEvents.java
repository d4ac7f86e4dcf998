package io.crirouter.core.internal.events;

import static java.util.Objects.requireNonNull;

import io.crirouter.core.CallRoute.Rule;
import io.crirouter.core.CriRequest;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RuntimeCall;
import io.crirouter.core.Scheduler;
import io.crirouter.core.internal.backend.Backend;
import io.crirouter.core.internal.backend.Backends;
import io.crirouter.core.internal.backend.Condition;
import io.crirouter.core.internal.call.SharedLimit;
import io.crirouter.core.internal.observation.CallTrace;
import io.crirouter.core.internal.wire.MalformedMessageException;
import io.crirouter.core.internal.wire.WireMessage;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * GetContainerEvents: the events of all runtimes in one stream, which is the same for each client.
 * While there is a client, there is one subscription to each runtime, however many clients there
 * are: two subscribers of containerd 1.7 would each get only a part of the events.
 *
 * <p>A client's stream goes on when a runtime is lost, because a kubelet stops using events after a
 * few broken streams. Missed events are delivered when the runtime is ready again (see {@link
 * EventFeed}). It goes on too when more events come than the client reads (see {@link EventQueue}
 * and {@link EventBudget}). A stream ends only if the primary does not implement events, or if the
 * first subscription to it fails: a kubelet lists instead then. Thread-safe.
 */
public final class MergedEvents {
  private static final RpcStatus CLOSED =
      RpcStatus.of(RpcStatus.Code.UNAVAILABLE, "the router is closed");

  private final Backends backends;

  /** All state is used only in these tasks. */
  private final SerialTasks tasks;

  private final EventClients clients = new EventClients();

  /** The feeds of all backends while there is a client, else empty. */
  private final Map<Backend, EventFeed> feeds = new LinkedHashMap<>();

  private final SharedLimit statesOfSecondaries = StateTable.limitOfSecondaries();
  private boolean isClosed;

  /** The events of these backends. */
  public MergedEvents(Backends backends, Scheduler scheduler) {
    this.tasks = new SerialTasks(scheduler);
    this.backends = backends;
    backends.whenJoined(
        backend -> backend.health().onChange(condition -> changed(backend, condition)));
    backends.whenLeft(backend -> tasks.execute(() -> wasRemoved(backend)));
  }

  private void changed(Backend backend, Condition condition) {
    if (condition.isReady()) {
      tasks.execute(() -> becameReady(backend));
    }
  }

  /** Starts a GetContainerEvents call. The request has no fields, but must be well-formed. */
  public RuntimeCall start(CriRequest request, ResponseListener listener, CallTrace trace)
      throws MalformedMessageException {
    WireMessage unused = WireMessage.parse(request.message());
    trace.routed(Rule.ALL, backends.all(), Backend::name, "");
    ClientStream client = new ClientStream(listener, tasks, clients.budget(), this::left);
    tasks.execute(
        () -> {
          client.limit(request);
          joined(client);
        });
    return client;
  }

  /** Ends all streams and subscriptions. */
  public void close() {
    tasks.execute(
        () -> {
          isClosed = true;
          clients.end(CLOSED);
        });
  }

  private void joined(ClientStream client) {
    boolean isFirst = clients.isEmpty();
    clients.add(client);
    if (isClosed) {
      client.end(CLOSED);
    } else if (isFirst) {
      backends.all().forEach(backend -> feed(backend, noStates(backend)).open());
    }
  }

  private void left(ClientStream client) {
    clients.remove(client);
    if (clients.isEmpty()) {
      feeds.values().forEach(EventFeed::close);
      feeds.clear();
    }
  }

  private EventFeed feed(Backend backend, DeliveredStates delivered) {
    EventFeed feed = new EventFeed(backend, tasks, delivered, clients);
    feeds.put(backend, feed);
    return feed;
  }

  private DeliveredStates noStates(Backend backend) {
    return new DeliveredStates(
        backend.isPrimary() ? StateTable.limitOfPrimary() : statesOfSecondaries);
  }

  private void becameReady(Backend backend) {
    EventFeed feed = feeds.get(backend);
    if (feed != null) {
      feed.connect();
    } else if (!clients.isEmpty() && !backend.isRemoved()) {
      openAfterClients(backend);
    }
  }

  /**
   * Opens the feed of a secondary that was added after the clients subscribed. They know its
   * objects only if it takes the place of one that was not configured.
   */
  private void openAfterClients(Backend backend) {
    Optional<Backend> former =
        feeds.keySet().stream().filter(other -> other.inventory() == backend.inventory()).findAny();
    if (former.isPresent()) {
      EventFeed ended = requireNonNull(feeds.remove(former.get()));
      feed(backend, ended.handOver()).connect();
    } else {
      feed(backend, noStates(backend)).openAfterClients();
    }
  }

  private void wasRemoved(Backend backend) {
    EventFeed feed = feeds.remove(backend);
    if (feed != null) {
      feed.closeForGood();
    }
  }
}
