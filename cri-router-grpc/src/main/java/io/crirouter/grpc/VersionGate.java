package io.crirouter.grpc;

import com.google.protobuf.ByteString;
import io.crirouter.core.CriMethod;
import io.crirouter.core.CriRequest;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.RpcStatus.Origin;
import io.crirouter.core.RuntimeCall;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Finds out which version of CRI the runtime speaks. This is done for each connection, because
 * another runtime may be behind the socket. The first call on a connection starts a probe, which is
 * a Version call. Calls wait here until the probe has ended. If the first call is a Version call,
 * its request is that of the probe and it gets the probe's answer: the runtime is asked once.
 *
 * <p>Thread-safe. Calls are released outside the lock.
 */
final class VersionGate {
  /** Far more than a kubelet has under way. Further calls end with UNAVAILABLE. */
  static final int MAX_WAITING = 1000;

  static final CriMethod VERSION = CriMethod.of("Version");

  /** The request that kubelets send: field 1, {@code version}. */
  private static final ByteString VERSION_REQUEST = ByteString.copyFromUtf8("\n\u00050.1.0");

  private static final String NOT_NEEDED = "no call waits for the version any more";

  /** Sends calls without passing the gate. */
  interface Sender {
    RuntimeCall send(CriRequest request, ApiVersion version, ResponseListener listener);
  }

  private final Sender sender;
  private final Duration limit;
  private final Set<GatedCall> waiting = new LinkedHashSet<>();
  private @Nullable Probe probe;
  private int connections;
  private volatile @Nullable ApiVersion version;

  /**
   * A gate before the first connection.
   *
   * @param limit how long calls wait at most
   */
  VersionGate(Sender sender, Duration limit) {
    this.sender = sender;
    this.limit = limit;
  }

  /** The version that the runtime behind this connection speaks; null if it is not known. */
  @Nullable ApiVersion known() {
    return version;
  }

  /** Removes a call that has ended. Its probe is cancelled if no other call waits. */
  void leave(GatedCall call) {
    Probe unused = null;
    synchronized (this) {
      waiting.remove(call);
      if (probe != null && probe.asker == call && waiting.isEmpty()) {
        unused = probe;
        probe = null;
      }
    }
    if (unused != null) {
      unused.cancel();
    }
  }

  /** Called when the connection is lost: the next one may lead to another runtime. */
  synchronized void disconnected() {
    connections++;
    version = null;
  }

  /** Whether calls wait here. */
  synchronized boolean hasWaiting() {
    return !waiting.isEmpty();
  }

  /** Adds {@code call}, which proceeds when the version is known, or refuses it. */
  void enter(GatedCall call) {
    ApiVersion known;
    boolean full;
    Probe first = null;
    synchronized (this) {
      known = version;
      full = waiting.size() >= MAX_WAITING;
      if (known == null && !full) {
        waiting.add(call);
        if (probe == null) {
          first =
              new Probe(connections, call.originalRequest().method().equals(VERSION) ? call : null);
          probe = first;
        }
      }
    }
    if (known != null) {
      call.proceed(known);
    } else if (full) {
      call.refuse(
          RpcStatus.unreachable(MAX_WAITING + " calls are waiting for the connection already"));
    } else if (first != null) {
      first.ask(ApiVersion.V1, limit.toNanos());
    }
  }

  /** One attempt to find out the version. */
  private final class Probe {
    private final int connection;
    private final @Nullable GatedCall asker;
    private final CriRequest request;
    private final long start = System.nanoTime();
    private @Nullable VersionAnswer ofV1;
    private @Nullable RuntimeCall call;
    private boolean cancelled;

    /** A probe with the request of {@code asker}, or with one of its own if that is null. */
    Probe(int connection, @Nullable GatedCall asker) {
      this.connection = connection;
      this.asker = asker;
      this.request =
          asker == null ? CriRequest.of(VERSION, VERSION_REQUEST) : asker.originalRequest();
    }

    void ask(ApiVersion candidate, long timeoutNanos) {
      VersionAnswer answer = new VersionAnswer(complete -> answered(candidate, complete));
      RuntimeCall started = sender.send(request.withTimeoutNanos(timeoutNanos), candidate, answer);
      started.request(1);
      boolean cancelledMeanwhile;
      synchronized (VersionGate.this) {
        call = started;
        cancelledMeanwhile = cancelled;
      }
      if (cancelledMeanwhile) {
        started.cancel(NOT_NEEDED);
      }
    }

    void cancel() {
      RuntimeCall started;
      synchronized (VersionGate.this) {
        cancelled = true;
        started = call;
      }
      if (started != null) {
        started.cancel(NOT_NEEDED);
      }
    }

    private void answered(ApiVersion candidate, VersionAnswer answer) {
      RpcStatus status = answer.status();
      if (status.origin() != Origin.RUNTIME) {
        release(waiter -> waiter.refuse(unreachable(status)));
      } else if (!status.isUnimplemented()) {
        // An error shows that the rpc exists now. The next call asks again.
        open(candidate, status.isOk(), answer);
      } else if (candidate == ApiVersion.V1 && isCurrent()) {
        ofV1 = answer;
        long left = limit.toNanos() - (System.nanoTime() - start);
        ask(ApiVersion.V1ALPHA2, Math.max(0, left));
      } else {
        // The server has neither version. The calls get its own UNIMPLEMENTED, in v1.
        open(ApiVersion.V1, false, ofV1 == null ? answer : ofV1);
      }
    }

    private boolean isCurrent() {
      synchronized (VersionGate.this) {
        return probe == this;
      }
    }

    private void open(ApiVersion spoken, boolean certain, VersionAnswer answer) {
      synchronized (VersionGate.this) {
        if (certain && connection == connections) {
          version = spoken;
        }
      }
      release(
          waiter -> {
            if (waiter == asker) {
              waiter.complete(answer);
            } else {
              waiter.proceed(spoken);
            }
          });
    }

    private void release(Consumer<GatedCall> action) {
      List<GatedCall> released;
      synchronized (VersionGate.this) {
        if (probe != this) {
          return;
        }
        probe = null;
        released = new ArrayList<>(waiting);
        waiting.clear();
      }
      released.forEach(action);
    }

    private RpcStatus unreachable(RpcStatus status) {
      if (status.isUnreachable()) {
        return status;
      }
      return RpcStatus.unreachable(
          status.code() == Code.DEADLINE_EXCEEDED
              ? "no answer to Version within " + Durations.text(limit.toNanos())
              : "no answer to Version: " + status.message());
    }
  }
}
