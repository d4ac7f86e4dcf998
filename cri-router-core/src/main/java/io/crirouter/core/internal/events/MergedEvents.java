package io.crirouter.core.internal.events;

import com.google.common.util.concurrent.MoreExecutors;
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
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;

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
  /** Enough for the state of each container of a large node, whose clients have been away. */
  private static final long MAX_WAITING_BYTES = 16L << 20;

  private static final RpcStatus CLOSED =
      RpcStatus.of(RpcStatus.Code.UNAVAILABLE, "the router is closed");

  private final Backends backends;
  private final Scheduler scheduler;

  /** All state is used only in tasks of this executor, which run one after the other. */
  private final Executor serial = MoreExecutors.newSequentialExecutor(Runnable::run);

  private final Set<ClientStream> clients = new LinkedHashSet<>();

  /** The feeds of all backends while there is a client, else empty. */
  private final Map<Backend, EventFeed> feeds = new LinkedHashMap<>();

  private final EventBudget budget = new EventBudget(MAX_WAITING_BYTES);
  private final SharedLimit statesOfSecondaries = StateTable.limitOfSecondaries();
  private boolean isClosed;

  /** The events of these backends. */
  public MergedEvents(Backends backends, Scheduler scheduler) {
    this.backends = backends;
    this.scheduler = scheduler;
    backends.observe(
        new Backends.Observer() {
          @Override
          public void joined(Backend backend) {
            backend.health().onChange(condition -> changed(backend, condition));
          }

          @Override
          public void left(Backend backend) {
            serial.execute(() -> wasRemoved(backend));
          }
        });
  }

  private void changed(Backend backend, Condition condition) {
    if (condition.isReady()) {
      serial.execute(() -> becameReady(backend));
    }
  }

  /** Starts a GetContainerEvents call. The request has no fields, but must be well-formed. */
  public RuntimeCall start(CriRequest request, ResponseListener listener, CallTrace trace)
      throws MalformedMessageException {
    WireMessage unused = WireMessage.parse(request.message());
    trace.routed(Rule.ALL, backends.all(), Backend::name, "");
    ClientStream client = new ClientStream(listener, serial, budget, this::left);
    serial.execute(
        () -> {
          client.limit(request, scheduler);
          joined(client);
        });
    return client;
  }

  /** Ends all streams and subscriptions. */
  public void close() {
    serial.execute(
        () -> {
          isClosed = true;
          refuse(CLOSED);
        });
  }

  private void joined(ClientStream client) {
    clients.add(client);
    if (isClosed) {
      client.end(CLOSED);
      return;
    }
    if (clients.size() > 1) {
      return;
    }
    backends.all().forEach(backend -> feed(backend).open());
  }

  private void left(ClientStream client) {
    clients.remove(client);
    if (clients.isEmpty()) {
      feeds.values().forEach(EventFeed::close);
      feeds.clear();
    }
  }

  private EventFeed feed(Backend backend) {
    SharedLimit limit = backend.isPrimary() ? StateTable.limitOfPrimary() : statesOfSecondaries;
    EventFeed feed = new EventFeed(backend, serial, scheduler, limit, new AllClients());
    feeds.put(backend, feed);
    return feed;
  }

  private void becameReady(Backend backend) {
    EventFeed feed = feeds.get(backend);
    if (feed != null) {
      feed.connect();
    } else if (!clients.isEmpty() && !backend.isRemoved()) {
      // It was added after the clients subscribed.
      feed(backend).openAfterClients();
    }
  }

  private void wasRemoved(Backend backend) {
    EventFeed feed = feeds.remove(backend);
    if (feed != null) {
      feed.closeForGood();
    }
  }

  private void refuse(RpcStatus status) {
    List.copyOf(clients).forEach(client -> client.end(status));
  }

  /** Those that there are at the time of each call. */
  private final class AllClients implements EventClients {
    @Override
    public void publish(EventSource source, ClientEvent event) {
      List.copyOf(clients).forEach(client -> client.add(source, event));
      budget.enforce();
    }

    @Override
    public void repeat(EventSource source, ClientEvent event) {
      clients.stream()
          .filter(client -> client.waiting().hasLost(source))
          .toList()
          .forEach(client -> client.add(source, event));
      budget.enforce();
    }

    @Override
    public boolean isOneBehind(EventSource source) {
      return clients.stream().anyMatch(client -> client.waiting().behind().contains(source));
    }

    @Override
    public void caughtUp(EventSource source) {
      clients.forEach(client -> client.waiting().caughtUp(source));
    }

    @Override
    public void refuse(RpcStatus status) {
      MergedEvents.this.refuse(status);
    }
  }
}
