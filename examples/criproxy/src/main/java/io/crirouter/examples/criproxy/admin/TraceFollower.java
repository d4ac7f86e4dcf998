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
 * Sends trace entries to one client. If the client reads too slowly, entries are dropped and their
 * number is sent. No call waits for the client. Thread-safe.
 */
final class TraceFollower {
  /** Entries of one or two kilobytes each. */
  private static final int MAX_QUEUED = 1000;

  private static final int MAX_CACHED_PODS = 1000;

  private final TraceQuery query;
  private final ServerCallStreamObserver<TraceEntry> client;
  private final KnownPods pods;
  private final Executor executor;
  private final BlockingQueue<TraceEntry> queue = new ArrayBlockingQueue<>(MAX_QUEUED);
  private final AtomicBoolean scheduled = new AtomicBoolean();
  private final AtomicLong lost = new AtomicLong();

  /** A cache of the pods of ids. Used by the executor only. */
  private final Map<String, String> podsOfIds =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, String> eldest) {
          return size() > MAX_CACHED_PODS;
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

  /** Queues an entry, if it matches the query. */
  void add(TraceEntry entry) {
    if (!matches(entry)) {
      return;
    }
    if (!queue.offer(entry)) {
      lost.incrementAndGet();
      return;
    }
    send();
  }

  private boolean matches(TraceEntry entry) {
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

  /** Sends queued entries while the client accepts them. */
  void send() {
    if (!scheduled.compareAndSet(false, true)) {
      return;
    }
    try {
      executor.execute(this::sendNow);
    } catch (RejectedExecutionException e) {
      // The proxy is closing.
    }
  }

  private void sendNow() {
    scheduled.set(false);
    while (!client.isCancelled() && client.isReady()) {
      TraceEntry entry = queue.poll();
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
