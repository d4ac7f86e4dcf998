package io.crirouter.core.events;

import io.crirouter.core.CriRequest;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RuntimeCall;
import io.crirouter.core.Scheduler;
import io.crirouter.core.backend.Backend;
import io.crirouter.core.backend.Backends;
import io.crirouter.core.backend.Condition;
import io.crirouter.core.backend.SerialExecutor;
import io.crirouter.core.wire.MalformedMessageException;
import io.crirouter.core.wire.WireMessage;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * GetContainerEvents: the events of all runtimes in one stream, the same to each client. There is
 * one subscription per runtime however many clients there are, and none without a client: of two
 * subscribers of a containerd 1.7 each would get only a part of the events.
 *
 * <p>A client's stream does not end because a runtime goes away, since a kubelet gives up on events
 * after a few broken streams; what happened meanwhile is told when the runtime is back (see {@link
 * EventFeed}). Only the primary's UNIMPLEMENTED, or the failure of the very first subscription to
 * it, is passed on, so that a kubelet can fall back to listing. Thread-safe.
 */
public final class MergedEvents {
  private final Backends backends;
  private final Scheduler scheduler;
  private final SerialExecutor serial = new SerialExecutor();
  private final Set<ClientStream> clients = new LinkedHashSet<>();

  /** The feeds of all backends while there is a client, else empty. */
  private final Map<Backend, EventFeed> feeds = new LinkedHashMap<>();

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
            serial.execute(() -> isGone(backend));
          }
        });
  }

  private void changed(Backend backend, Condition condition) {
    if (condition.isReady()) {
      serial.execute(() -> isBack(backend));
    }
  }

  /** Starts a GetContainerEvents call. The request has no fields that matter, but must be one. */
  public RuntimeCall start(CriRequest request, ResponseListener listener)
      throws MalformedMessageException {
    WireMessage unused = WireMessage.parse(request.message());
    ClientStream client = new ClientStream(listener, serial, this::left);
    serial.execute(
        () -> {
          client.limit(request, scheduler);
          joined(client);
        });
    return client;
  }

  private void joined(ClientStream client) {
    clients.add(client);
    if (clients.size() > 1) {
      return;
    }
    backends.forEach(backend -> feed(backend).open());
  }

  private void left(ClientStream client) {
    clients.remove(client);
    if (clients.isEmpty()) {
      feeds.values().forEach(EventFeed::close);
      feeds.clear();
    }
  }

  private EventFeed feed(Backend backend) {
    EventFeed feed = new EventFeed(backend, serial, scheduler, this::tell, this::refuse);
    feeds.put(backend, feed);
    return feed;
  }

  private void isBack(Backend backend) {
    EventFeed feed = feeds.get(backend);
    if (feed != null) {
      feed.connect();
    } else if (!clients.isEmpty() && !backend.isRemoved()) {
      // It joined after the clients did.
      feed(backend).openToNews();
    }
  }

  private void isGone(Backend backend) {
    EventFeed feed = feeds.remove(backend);
    if (feed != null) {
      feed.closeForGood();
    }
  }

  private void tell(ClientEvent event) {
    List.copyOf(clients).forEach(client -> client.add(event));
  }

  private void refuse(RpcStatus status) {
    List.copyOf(clients).forEach(client -> client.end(status));
  }
}
