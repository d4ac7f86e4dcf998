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
 * Finds out which version of CRI the runtime speaks, anew for each connection, since another
 * runtime may be behind the socket. The first call on a connection makes it ask; calls that come
 * meanwhile wait here, and leave together. If that first call asks for the version itself, its
 * question is the probe and its answer the probe's, so that a runtime is asked once.
 *
 * <p>Safe for use from any thread; calls are let go of outside the lock.
 */
final class VersionGate {
  /** Far more than a kubelet has under way; the rest is told to try again. */
  static final int MAX_WAITING = 1000;

  static final CriMethod VERSION = CriMethod.of("Version");

  /** What kubelets put into the request: field 1, {@code version}. */
  private static final ByteString VERSION_REQUEST = ByteString.copyFromUtf8("\n\u00050.1.0");

  private static final String WITHDRAWN = "nobody waits for the version any more";

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
   * A gate that is closed.
   *
   * @param limit how long calls may wait here
   */
  VersionGate(Sender sender, Duration limit) {
    this.sender = sender;
    this.limit = limit;
  }

  /** The version, if the runtime behind this connection has told it, else null. */
  @Nullable ApiVersion known() {
    return version;
  }

  /** Forgets a call that waits no longer. Its question is withdrawn if nobody else waits. */
  void leave(GatedCall call) {
    Probe withdrawn = null;
    synchronized (this) {
      waiting.remove(call);
      if (probe != null && probe.asker == call && waiting.isEmpty()) {
        withdrawn = probe;
        probe = null;
      }
    }
    if (withdrawn != null) {
      withdrawn.cancel();
    }
  }

  /** The connection is gone, and with it what was known about its other end. */
  synchronized void forget() {
    connections++;
    version = null;
  }

  /** Whether calls wait here. */
  synchronized boolean hasWaiting() {
    return !waiting.isEmpty();
  }

  /** Lets {@code call} proceed when the version is known, or refuses it. */
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

  /** One attempt to find out. */
  private final class Probe {
    private final int connection;
    private final @Nullable GatedCall asker;
    private final CriRequest question;
    private final long start = System.nanoTime();
    private @Nullable VersionAnswer ofV1;
    private @Nullable RuntimeCall call;
    private boolean cancelled;

    /** A probe with the question of {@code asker}, or with one of our own if that is null. */
    Probe(int connection, @Nullable GatedCall asker) {
      this.connection = connection;
      this.asker = asker;
      this.question =
          asker == null ? CriRequest.of(VERSION, VERSION_REQUEST) : asker.originalRequest();
    }

    void ask(ApiVersion candidate, long timeoutNanos) {
      VersionAnswer answer = new VersionAnswer(complete -> answered(candidate, complete));
      RuntimeCall started = sender.send(question.withTimeoutNanos(timeoutNanos), candidate, answer);
      started.request(1);
      boolean tooLate;
      synchronized (VersionGate.this) {
        call = started;
        tooLate = cancelled;
      }
      if (tooLate) {
        started.cancel(WITHDRAWN);
      }
    }

    void cancel() {
      RuntimeCall started;
      synchronized (VersionGate.this) {
        cancelled = true;
        started = call;
      }
      if (started != null) {
        started.cancel(WITHDRAWN);
      }
    }

    private void answered(ApiVersion candidate, VersionAnswer answer) {
      RpcStatus status = answer.status();
      if (status.origin() != Origin.RUNTIME) {
        release(waiter -> waiter.refuse(unreachable(status)));
      } else if (!status.isUnimplemented()) {
        // An error says that the rpc exists, but perhaps not whether it will go on existing.
        open(candidate, status.isOk(), answer);
      } else if (candidate == ApiVersion.V1 && isCurrent()) {
        ofV1 = answer;
        long left = limit.toNanos() - (System.nanoTime() - start);
        ask(ApiVersion.V1ALPHA2, Math.max(0, left));
      } else {
        // No CRI at all, for now: let the runtime say so itself, in terms of v1.
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

    private void release(Consumer<GatedCall> fate) {
      List<GatedCall> leaving;
      synchronized (VersionGate.this) {
        if (probe != this) {
          return;
        }
        probe = null;
        leaving = new ArrayList<>(waiting);
        waiting.clear();
      }
      leaving.forEach(fate);
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
