package io.crirouter.core.events;

import com.google.protobuf.ByteString;
import io.crirouter.core.CallMetadata;
import io.crirouter.core.CriRequest;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcException;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.RuntimeCall;
import io.crirouter.core.Scheduler;
import io.crirouter.core.backend.Backend;
import io.crirouter.core.backend.Backends;
import io.crirouter.core.merge.PacedDelivery;
import io.crirouter.core.wire.MalformedMessageException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * GetContainerEvents: one stream towards the client, one from each runtime. A runtime that goes
 * away does not end the client's stream, because a kubelet gives up on events after a few broken
 * ones; it is subscribed to again when it is back. Only the primary's refusal of the first
 * subscription is passed on, so that a kubelet can fall back to listing.
 */
public final class MergedEvents {
  private static final System.Logger LOG = System.getLogger("io.crirouter");

  /** Before a runtime that ended a subscription but still answers is subscribed to again. */
  private static final Duration RESUBSCRIBE_AFTER = Duration.ofSeconds(1);

  private final Backends backends;
  private final Scheduler scheduler;
  private final List<Stream> streams = new CopyOnWriteArrayList<>();

  /** The events of these backends. */
  public MergedEvents(Backends backends, Scheduler scheduler) {
    this.backends = backends;
    this.scheduler = scheduler;
    for (Backend backend : backends.all()) {
      backend
          .health()
          .onChange(
              condition -> {
                if (condition.isReady()) {
                  streams.forEach(stream -> stream.subscribe(backend));
                }
              });
    }
  }

  /** Starts a GetContainerEvents call. */
  public RuntimeCall start(CriRequest request, ResponseListener listener) {
    Stream stream = new Stream(request, listener);
    streams.add(stream);
    for (Backend backend : backends.all()) {
      if (backend.hasContent()) {
        stream.subscribe(backend);
      }
    }
    return stream;
  }

  /** One client's stream. */
  private final class Stream implements RuntimeCall {
    private final CriRequest request;
    private final PacedDelivery delivery;
    private final List<Subscription> subscriptions = new CopyOnWriteArrayList<>();
    private volatile boolean ended;

    Stream(CriRequest request, ResponseListener listener) {
      this.request = request;
      this.delivery = new PacedDelivery(listener);
    }

    /** Subscribes to a backend unless a subscription is open. */
    void subscribe(Backend backend) {
      Subscription subscription = new Subscription(this, backend);
      synchronized (this) {
        boolean open = subscriptions.stream().anyMatch(known -> known.backend == backend);
        if (ended || open) {
          return;
        }
        subscriptions.add(subscription);
      }
      subscription.start(request);
    }

    void closed(Subscription subscription, RpcStatus status) {
      subscriptions.remove(subscription);
      Backend backend = subscription.backend;
      if (ended) {
        return;
      }
      boolean refusedAtOnce = backend.isPrimary() && !subscription.established && isRefusal(status);
      if (status.isUnimplemented() || refusedAtOnce) {
        refused(backend, status);
        return;
      }
      LOG.log(System.Logger.Level.INFO, "events of runtime {0} ended: {1}", backend, status);
      backend.health().probeNow();
      Runnable unused = scheduler.schedule(RESUBSCRIBE_AFTER, () -> resubscribe(backend));
    }

    /** Whether a runtime says that it will not, rather than that it goes away just now. */
    private static boolean isRefusal(RpcStatus status) {
      return status.origin() == RpcStatus.Origin.RUNTIME
          && !status.isOk()
          && status.code() != Code.UNAVAILABLE;
    }

    private void resubscribe(Backend backend) {
      if (backend.health().condition().isReady()) {
        subscribe(backend);
      }
    }

    private void refused(Backend backend, RpcStatus status) {
      if (backend.isPrimary()) {
        end(status);
      } else {
        LOG.log(System.Logger.Level.WARNING, "runtime {0} has no events: {1}", backend, status);
      }
    }

    private void end(RpcStatus status) {
      synchronized (this) {
        ended = true;
      }
      streams.remove(this);
      subscriptions.forEach(subscription -> subscription.cancel(status.toString()));
      delivery.abort(status);
    }

    @Override
    public void request(int count) {
      delivery.request(count);
    }

    @Override
    public void cancel(String reason) {
      end(RpcStatus.of(Code.CANCELLED, reason));
    }
  }

  /**
   * One runtime's part of a stream. The next event is asked for when the client has taken the last,
   * so that a slow client holds up the runtime instead of filling memory.
   */
  private static final class Subscription implements ResponseListener {
    private final Stream stream;
    private final Backend backend;
    private volatile boolean established;
    private volatile @Nullable RuntimeCall call;
    private volatile boolean cancelled;

    Subscription(Stream stream, Backend backend) {
      this.stream = stream;
      this.backend = backend;
    }

    void start(CriRequest request) {
      RuntimeCall started;
      try {
        started = backend.call(request, this);
      } catch (RpcException e) {
        onClose(e.status());
        return;
      } catch (MalformedMessageException e) {
        onClose(RpcStatus.of(Code.INVALID_ARGUMENT, "malformed: " + e.getMessage()));
        return;
      }
      call = started;
      if (cancelled) {
        started.cancel("the client is gone");
      }
      started.request(1);
    }

    void cancel(String reason) {
      cancelled = true;
      RuntimeCall started = call;
      if (started != null) {
        started.cancel(reason);
      }
    }

    @Override
    public void onHeaders(CallMetadata headers) {
      established = true;
    }

    @Override
    public void onMessage(ByteString message) {
      established = true;
      stream.delivery.add(
          message,
          () -> {
            RuntimeCall started = call;
            if (started != null) {
              started.request(1);
            }
          });
    }

    @Override
    public void onClose(RpcStatus status) {
      stream.closed(this, status);
    }
  }
}
