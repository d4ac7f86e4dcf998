package io.crirouter.examples.criproxy.admin;

import io.crirouter.core.BackendName;
import io.crirouter.core.CallPart;
import io.crirouter.core.CallRecord;
import io.crirouter.core.CallRoute;
import io.crirouter.core.CriRouter;
import io.crirouter.examples.criproxy.admin.TraceEntry.Part;
import io.crirouter.examples.criproxy.logging.CleanText;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;

/** Sends calls, as they end, to the clients that follow them. Thread-safe. */
final class Traces {
  /** Bounds the memory for queued entries. */
  private static final int MAX_FOLLOWERS = 8;

  private static final int MAX_MESSAGE_BYTES = 512;
  private static final double NANOS_PER_MILLI = 1e6;

  private final List<TraceFollower> followers = new CopyOnWriteArrayList<>();

  /** Queues a call that has ended for each follower. Never waits. */
  void record(CallRecord call) {
    if (followers.isEmpty()) {
      return;
    }
    TraceEntry entry = entry(call);
    followers.forEach(follower -> follower.add(entry));
  }

  /**
   * Adds a follower, until the client cancels.
   *
   * @param executor sends the entries
   */
  void follow(
      TraceQuery query,
      ServerCallStreamObserver<TraceEntry> client,
      CriRouter router,
      Executor executor) {
    TraceFollower follower = new TraceFollower(query, client, new KnownPods(router), executor);
    synchronized (this) {
      if (followers.size() >= MAX_FOLLOWERS) {
        throw Status.RESOURCE_EXHAUSTED
            .withDescription(MAX_FOLLOWERS + " clients follow calls already; stop one first")
            .asRuntimeException();
      }
      client.setOnCancelHandler(() -> followers.remove(follower));
      client.setOnReadyHandler(follower::send);
      followers.add(follower);
    }
  }

  private static TraceEntry entry(CallRecord call) {
    return new TraceEntry(
        call.startedAt().toString(),
        call.method().name(),
        call.route().map(CallRoute::subject).orElse(""),
        call.route()
            .flatMap(CallRoute::pod)
            .map(pod -> pod.namespace() + "/" + pod.name())
            .orElse(""),
        call.route()
            .map(route -> route.backends().stream().map(BackendName::value).toList())
            .orElse(List.of()),
        call.route().map(route -> route.rule().name()).orElse(""),
        call.route().flatMap(CallRoute::policy).map(Object::toString).orElse(""),
        call.status().code().name(),
        CleanText.of(call.status().message(), MAX_MESSAGE_BYTES),
        millis(call.latency()),
        call.requestBytes(),
        call.responseBytes(),
        call.parts().stream().map(Traces::part).toList(),
        0);
  }

  private static Part part(CallPart part) {
    return new Part(
        part.backend().value(),
        part.method().name(),
        part.wasSent(),
        part.status().code().name(),
        millis(part.latency()),
        part.missedBudget(),
        part.isLastKnown());
  }

  /** Milliseconds, rounded to microseconds. */
  private static double millis(Duration latency) {
    return Math.round(latency.toNanos() / 1000.0) * 1000 / NANOS_PER_MILLI;
  }
}
