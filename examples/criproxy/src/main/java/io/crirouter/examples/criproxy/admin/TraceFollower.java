package io.crirouter.examples.criproxy.admin;

import com.google.common.util.concurrent.MoreExecutors;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Sends calls to one who follows them. Whoever reads too slowly loses entries, and is told how
 * many; no call waits for him.
 */
final class TraceFollower {
  /** Of a kilobyte or two each. */
  private static final int MAX_WAITING = 1000;

  private static final int MAX_REMEMBERED = 1000;

  private final TraceQuery query;
  private final ServerCallStreamObserver<TraceEntry> client;
  private final KnownPods pods;
  private final Executor executor;
  private final BlockingQueue<TraceEntry> waiting = new ArrayBlockingQueue<>(MAX_WAITING);
  private final AtomicBoolean scheduled = new AtomicBoolean();
  private final AtomicLong lost = new AtomicLong();

  /** The pods of ids, which never change theirs. For the thread that sends. */
  private final Map<String, String> podsOfIds =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, String> eldest) {
          return size() > MAX_REMEMBERED;
        }
      };

  TraceFollower(
      TraceQuery query,
      ServerCallStreamObserver<TraceEntry> client,
      KnownPods pods,
      Executor executor) {
    this.query = query;
    this.client = client;
    this.pods = pods;
    this.executor = MoreExecutors.newSequentialExecutor(executor);
  }

  /** Sends an entry soon, if it is asked for. */
  void add(TraceEntry entry) {
    if (!isAskedFor(entry)) {
      return;
    }
    if (!waiting.offer(entry)) {
      lost.incrementAndGet();
      return;
    }
    send();
  }

  private boolean isAskedFor(TraceEntry entry) {
    return (query.rpc().isEmpty() || query.rpc().equalsIgnoreCase(entry.rpc()))
        && (query.runtime().isEmpty() || entry.runtimes().contains(query.runtime()))
        && entry.millis() >= query.slowMillis()
        && hasCode(entry.code());
  }

  private boolean hasCode(String code) {
    return query.code().isEmpty()
        || query.code().equalsIgnoreCase(code)
        || (query.code().equalsIgnoreCase("ERROR") && !code.equals("OK"));
  }

  /** Sends what waits as far as the client takes it. */
  void send() {
    if (!scheduled.compareAndSet(false, true)) {
      return;
    }
    try {
      executor.execute(this::sendNow);
    } catch (RejectedExecutionException e) {
      // The proxy ends.
    }
  }

  private void sendNow() {
    scheduled.set(false);
    while (!client.isCancelled() && client.isReady()) {
      TraceEntry entry = waiting.poll();
      if (entry == null) {
        return;
      }
      String pod = entry.pod().isEmpty() ? podOf(entry.subject()) : entry.pod();
      if (query.pod().isEmpty() || pod.contains(query.pod())) {
        client.onNext(entry.with(pod, lost.getAndSet(0)));
      }
    }
  }

  private String podOf(String subject) {
    if (subject.isEmpty()) {
      return "";
    }
    String known = podsOfIds.get(subject);
    if (known != null) {
      return known;
    }
    String pod = pods.podOf(subject);
    if (!pod.isEmpty()) {
      podsOfIds.put(subject, pod);
    }
    return pod;
  }
}
