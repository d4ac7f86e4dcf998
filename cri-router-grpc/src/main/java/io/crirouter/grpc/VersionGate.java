package io.crirouter.grpc;

import com.google.protobuf.ByteString;
import io.crirouter.core.CallMetadata;
import io.crirouter.core.CriMethod;
import io.crirouter.core.CriRequest;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.RpcStatus.Origin;
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
 * meanwhile wait here, and leave together.
 *
 * <p>Safe for use from any thread; calls are let go of outside the lock.
 */
final class VersionGate {
  /** Far more than a kubelet has under way; the rest is told to try again. */
  static final int MAX_WAITING = 1000;

  private static final CriMethod VERSION = CriMethod.of("Version");

  /** What kubelets put into the request: field 1, {@code version}. */
  private static final ByteString VERSION_REQUEST = ByteString.copyFromUtf8("\n\u00050.1.0");

  /** Makes a call in a given version, past the gate. */
  interface Prober {
    /** Starts the call and asks for its answer. */
    void start(CriRequest request, ApiVersion version, ResponseListener listener);
  }

  private final Prober prober;
  private final Duration limit;
  private final Set<BackendCall> waiting = new LinkedHashSet<>();
  private boolean probing;
  private int connections;
  private volatile @Nullable ApiVersion version;

  /**
   * A gate that is closed.
   *
   * @param limit how long calls may wait here
   */
  VersionGate(Prober prober, Duration limit) {
    this.prober = prober;
    this.limit = limit;
  }

  /** The version, if the runtime behind this connection has told it, else null. */
  @Nullable ApiVersion known() {
    return version;
  }

  /** Forgets a call that waits no longer. */
  synchronized void leave(BackendCall call) {
    waiting.remove(call);
  }

  /** The connection is gone, and with it what was known about its other end. */
  synchronized void forget() {
    connections++;
    version = null;
  }

  /** Lets {@code call} proceed when the version is known, or refuses it. */
  void enter(BackendCall call) {
    ApiVersion known;
    boolean full;
    boolean first;
    int connection;
    synchronized (this) {
      known = version;
      full = waiting.size() >= MAX_WAITING;
      if (known == null && !full) {
        waiting.add(call);
      }
      first = known == null && !full && !probing;
      probing |= first;
      connection = connections;
    }
    if (known != null) {
      call.proceed(known);
    } else if (full) {
      call.refuse(
          RpcStatus.unreachable(MAX_WAITING + " calls are waiting for the connection already"));
    } else if (first) {
      new Probe(connection).ask(ApiVersion.V1, limit.toNanos());
    }
  }

  private void open(int connection, ApiVersion answer, boolean certain) {
    synchronized (this) {
      if (certain && connection == connections) {
        version = answer;
      }
    }
    release(call -> call.proceed(answer));
  }

  private void release(Consumer<BackendCall> fate) {
    List<BackendCall> leaving;
    synchronized (this) {
      probing = false;
      leaving = new ArrayList<>(waiting);
      waiting.clear();
    }
    leaving.forEach(fate);
  }

  /** One attempt to find out. */
  private final class Probe {
    private final int connection;
    private final long start = System.nanoTime();

    Probe(int connection) {
      this.connection = connection;
    }

    void ask(ApiVersion candidate, long timeoutNanos) {
      prober.start(
          new CriRequest(VERSION, VERSION_REQUEST, timeoutNanos, CallMetadata.EMPTY),
          candidate,
          new ResponseListener() {
            @Override
            public void onMessage(ByteString message) {}

            @Override
            public void onClose(RpcStatus status) {
              answered(candidate, status);
            }
          });
    }

    private void answered(ApiVersion candidate, RpcStatus status) {
      if (status.origin() != Origin.RUNTIME) {
        release(call -> call.refuse(unreachable(status)));
      } else if (!status.isUnimplemented()) {
        // An error says that the rpc exists, but perhaps not whether it will go on existing.
        open(connection, candidate, status.isOk());
      } else if (candidate == ApiVersion.V1) {
        long left = limit.toNanos() - (System.nanoTime() - start);
        ask(ApiVersion.V1ALPHA2, Math.max(0, left));
      } else {
        // No CRI at all, for now: let the runtime say so itself, in terms of v1.
        open(connection, ApiVersion.V1, false);
      }
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
