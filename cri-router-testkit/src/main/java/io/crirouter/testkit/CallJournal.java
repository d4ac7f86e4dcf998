package io.crirouter.testkit;

import static java.util.Objects.requireNonNull;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import com.google.protobuf.ByteString;
import io.crirouter.core.CallMetadata;
import io.crirouter.core.CriMethod;
import io.crirouter.core.CriRequest;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.core.RuntimeCall;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The last {@value #KEPT_CALLS} calls that a backend received, in order of arrival. May be used
 * from any thread.
 */
public final class CallJournal {
  /** How many calls are kept. */
  public static final int KEPT_CALLS = 10_000;

  private final String name;
  private final List<RecordedCall> calls = new ArrayList<>();
  private final Set<RecordedCall> untaken = new LinkedHashSet<>();

  /** An empty journal; {@code name} identifies it in failures. */
  public CallJournal(String name) {
    this.name = requireNonNull(name, "name");
  }

  /** A backend that records each call in this journal and forwards it to {@code backend}. */
  public RuntimeBackend recording(RuntimeBackend backend) {
    return recording(name, backend);
  }

  /** For a journal of several backends: {@code place} identifies the backend of a call. */
  RuntimeBackend recording(String place, RuntimeBackend backend) {
    return new Recording(requireNonNull(place, "place"), requireNonNull(backend, "backend"));
  }

  /** All calls so far. */
  public synchronized List<RecordedCall> calls() {
    return List.copyOf(calls);
  }

  /**
   * All calls of the rpc {@code rpc} so far.
   *
   * @throws IllegalArgumentException if CRI v1 has no such rpc
   */
  public List<RecordedCall> callsOf(String rpc) {
    CriMethod method = CriMethod.of(rpc);
    return calls().stream().filter(call -> call.method().equals(method)).toList();
  }

  /** The calls so far that match {@code matching}, for example a {@link CallMatcher}. */
  public List<RecordedCall> calls(Predicate<? super RecordedCall> matching) {
    return calls().stream().filter(matching).toList();
  }

  /**
   * Fails unless {@code count} calls so far match.
   *
   * @param matching usually a {@link CallMatcher}, whose description the failure shows
   * @throws AssertionError if there are more or fewer; the message lists all calls so far
   */
  public void verify(int count, Predicate<? super RecordedCall> matching) {
    int found = calls(matching).size();
    if (found != count) {
      throw new AssertionError(
          "%s: expected %d calls that match %s, but found %d; all calls:%n%s"
              .formatted(name, count, matching, found, timeline()));
    }
  }

  /**
   * Waits for the next call and takes it. Calls are taken in order of arrival, each once.
   *
   * @throws AssertionError if none arrives within 10 s
   */
  @CanIgnoreReturnValue
  public RecordedCall takeCall() {
    return takeCall(Waiting.LIMIT);
  }

  /**
   * Waits for the next call and takes it. Calls are taken in order of arrival, each once.
   *
   * @throws AssertionError if none arrives within {@code limit}, in real time
   */
  @CanIgnoreReturnValue
  public RecordedCall takeCall(Duration limit) {
    return take(call -> true, limit, "no further call");
  }

  /**
   * Waits for the next call of the rpc {@code rpc} and takes it. Calls of other rpcs are not taken.
   *
   * @throws AssertionError if none arrives within 10 s
   * @throws IllegalArgumentException if CRI v1 has no such rpc
   */
  @CanIgnoreReturnValue
  public RecordedCall takeCall(String rpc) {
    return takeCall(rpc, Waiting.LIMIT);
  }

  /**
   * Waits for the next call of the rpc {@code rpc} and takes it. Calls of other rpcs are not taken.
   *
   * @throws AssertionError if none arrives within {@code limit}, in real time
   * @throws IllegalArgumentException if CRI v1 has no such rpc
   */
  @CanIgnoreReturnValue
  public RecordedCall takeCall(String rpc, Duration limit) {
    CriMethod method = CriMethod.of(rpc);
    return take(call -> call.method().equals(method), limit, "no further " + rpc);
  }

  private RecordedCall take(Predicate<RecordedCall> wanted, Duration limit, String missing) {
    return Waiting.until(
        this,
        limit,
        () -> removeFirst(wanted),
        () -> missing + " arrived at " + name + "; calls so far: " + calls());
  }

  private Optional<RecordedCall> removeFirst(Predicate<RecordedCall> wanted) {
    Optional<RecordedCall> found = untaken.stream().filter(wanted).findFirst();
    found.ifPresent(untaken::remove);
    return found;
  }

  /** Removes all calls. The end of a call that is still open is not recorded. */
  public synchronized void clear() {
    calls.clear();
    untaken.clear();
  }

  /**
   * The calls so far in order of arrival, one per line: time, place, rpc, subject, status and
   * duration. Only the last {@value Timeline#SHOWN_CALLS} are shown. Request contents are left out,
   * because they can hold credentials.
   */
  public String timeline() {
    return Timeline.of(calls());
  }

  private RecordedCall add(String place, CriRequest request) {
    RecordedCall call = new RecordedCall(place, request);
    synchronized (this) {
      calls.add(call);
      untaken.add(call);
      if (calls.size() > KEPT_CALLS) {
        untaken.remove(calls.remove(0));
      }
      notifyAll();
    }
    return call;
  }

  @Override
  public String toString() {
    return "CallJournal(" + name + ", " + calls() + ")";
  }

  private final class Recording implements RuntimeBackend {
    private final String place;
    private final RuntimeBackend target;

    Recording(String place, RuntimeBackend target) {
      this.place = place;
      this.target = target;
    }

    @Override
    public RuntimeCall start(CriRequest request, ResponseListener listener) {
      RecordedCall call = add(place, request);
      return target.start(
          request,
          new ResponseListener() {
            @Override
            public void onHeaders(CallMetadata headers) {
              listener.onHeaders(headers);
            }

            @Override
            public void onMessage(ByteString message) {
              listener.onMessage(message);
            }

            @Override
            public void onClose(RpcStatus status) {
              call.end(status);
              listener.onClose(status);
            }
          });
    }

    @Override
    public String address() {
      return target.address();
    }

    @Override
    public void onReachabilityChange(Runnable listener) {
      target.onReachabilityChange(listener);
    }

    @Override
    public String toString() {
      return "Recording(" + target + ")";
    }
  }
}
