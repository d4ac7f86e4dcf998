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

/** Shows calls, as they end, to whoever follows them. Costs nothing while nobody does. */
final class Traces {
  /** Each holds entries for a reader that may be slow. */
  private static final int MAX_FOLLOWERS = 8;

  private static final int MAX_MESSAGE_BYTES = 512;
  private static final double NANOS_PER_MILLI = 1e6;

  private final List<TraceFollower> followers = new CopyOnWriteArrayList<>();

  /** Takes note of a call that has ended. Never waits. */
  void ended(CallRecord call) {
    if (followers.isEmpty()) {
      return;
    }
    TraceEntry entry = entry(call);
    followers.forEach(follower -> follower.add(entry));
  }

  /**
   * Shows calls to one more, until he leaves.
   *
   * @param executor sends to him
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
            .withDescription(MAX_FOLLOWERS + " others follow calls already")
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

  /** To the microsecond. */
  private static double millis(Duration latency) {
    return Math.round(latency.toNanos() / 1000.0) * 1000 / NANOS_PER_MILLI;
  }
}
