package io.crirouter.core.internal.observation;

import com.google.protobuf.ByteString;
import io.crirouter.core.BackendName;
import io.crirouter.core.CallObservation;
import io.crirouter.core.CallPart;
import io.crirouter.core.CallRecord;
import io.crirouter.core.CallRoute;
import io.crirouter.core.CriMethod;
import io.crirouter.core.CriRequest;
import io.crirouter.core.ForwardingListener;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.Scheduler;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A call with an observer. It stands between the router and the client's listener, and tells the
 * observer before the client.
 */
public final class ObservedCall extends ForwardingListener implements CallTrace {
  private final CriRequest request;
  private final CallObservation observation;
  private final Scheduler scheduler;
  private final Instant startedAt;
  private final long startNanos;

  // Responses come one after the other, the end last.
  private long responses;
  private long responseBytes;

  // Guarded by the monitor of this object.
  private final List<ObservedPart> parts = new ArrayList<>(1);
  private @Nullable CallRoute route;

  /** A call that begins now. */
  ObservedCall(
      CriRequest request,
      ResponseListener client,
      CallObservation observation,
      Scheduler scheduler) {
    super(client);
    this.request = request;
    this.observation = observation;
    this.scheduler = scheduler;
    this.startedAt = scheduler.now();
    this.startNanos = scheduler.nanoTime();
  }

  @Override
  public boolean isObserved() {
    return true;
  }

  @Override
  public void routed(Route decision) {
    synchronized (this) {
      route = decision;
    }
    observation.routed(decision);
  }

  @Override
  public PartTrace part(BackendName backend, CriMethod method) {
    ObservedPart part = new ObservedPart(backend, method, scheduler::nanoTime, startNanos);
    synchronized (this) {
      parts.add(part);
    }
    return part;
  }

  @Override
  public void onMessage(ByteString message) {
    responses++;
    responseBytes += message.size();
    super.onMessage(message);
  }

  @Override
  public void onClose(RpcStatus status) {
    observation.ended(record(status));
    super.onClose(status);
  }

  private synchronized CallRecord record(RpcStatus status) {
    // No stream: each call of a proxy comes here.
    List<CallPart> contributed = new ArrayList<>(parts.size());
    for (ObservedPart part : parts) {
      if (part.hasBegun()) {
        contributed.add(part.ended());
      }
    }
    return new Ended(
        request.method(),
        startedAt,
        Duration.ofNanos(scheduler.nanoTime() - startNanos),
        status,
        Optional.ofNullable(route),
        Collections.unmodifiableList(contributed),
        request.message().size(),
        responses,
        responseBytes);
  }

  private record Ended(
      CriMethod method,
      Instant startedAt,
      Duration latency,
      RpcStatus status,
      Optional<CallRoute> route,
      List<CallPart> parts,
      long requestBytes,
      long responses,
      long responseBytes)
      implements CallRecord {}
}
