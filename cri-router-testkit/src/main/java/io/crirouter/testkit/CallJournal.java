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
 * Every call that arrived at a backend, in the order of arrival: the last {@value #KEPT_CALLS} of
 * them. May be used from any thread.
 */
public final class CallJournal {
  /** How many calls are kept. */
  public static final int KEPT_CALLS = 10_000;

  private final String name;
  private final List<RecordedCall> calls = new ArrayList<>();
  private final Set<RecordedCall> untaken = new LinkedHashSet<>();

  /** An empty journal; {@code name} tells in failures whose it is. */
  public CallJournal(String name) {
    this.name = requireNonNull(name, "name");
  }

  /** The same backend as {@code backend}, with every call that goes to it kept here. */
  public RuntimeBackend recording(RuntimeBackend backend) {
    return recording(name, backend);
  }

  /** One of several backends of one journal: {@code place} tells whose a call is. */
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

  /** The calls so far that match, {@link CallMatcher}s say. */
  public List<RecordedCall> calls(Predicate<? super RecordedCall> matching) {
    return calls().stream().filter(matching).toList();
  }

  /**
   * Fails unless {@code count} calls so far match.
   *
   * @param matching a {@link CallMatcher}, mostly, which the failure then names
   * @throws AssertionError if there are more or fewer, with all calls so far
   */
  public void verify(int count, Predicate<? super RecordedCall> matching) {
    int found = calls(matching).size();
    if (found != count) {
      throw new AssertionError(
          "%s was to have %d calls that match %s, but has %d; all calls:%n%s"
              .formatted(name, count, matching, found, timeline()));
    }
  }

  /**
   * The oldest call that was not taken before, waiting for one.
   *
   * @throws AssertionError if none comes within 10 s
   */
  @CanIgnoreReturnValue
  public RecordedCall takeCall() {
    return takeCall(Waiting.LIMIT);
  }

  /**
   * The oldest call that was not taken before, waiting for one.
   *
   * @throws AssertionError if none comes within {@code limit}, in real time
   */
  @CanIgnoreReturnValue
  public RecordedCall takeCall(Duration limit) {
    return take(call -> true, limit, "no further call");
  }

  /**
   * The oldest call of the rpc {@code rpc} that was not taken before, waiting for one. Calls of
   * others stay where they are.
   *
   * @throws AssertionError if none comes within 10 s
   * @throws IllegalArgumentException if CRI v1 has no such rpc
   */
  @CanIgnoreReturnValue
  public RecordedCall takeCall(String rpc) {
    return takeCall(rpc, Waiting.LIMIT);
  }

  /**
   * The oldest call of the rpc {@code rpc} that was not taken before, waiting for one. Calls of
   * others stay where they are.
   *
   * @throws AssertionError if none comes within {@code limit}, in real time
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
        () -> missing + " came to " + name + "; calls so far: " + calls());
  }

  private Optional<RecordedCall> removeFirst(Predicate<RecordedCall> wanted) {
    Optional<RecordedCall> found = untaken.stream().filter(wanted).findFirst();
    found.ifPresent(untaken::remove);
    return found;
  }

  /** Forgets all calls. Those that go on are not recorded any more. */
  public synchronized void clear() {
    calls.clear();
    untaken.clear();
  }

  /**
   * The calls so far in their order, one a line: when it came, where, the rpc, what it is about,
   * how it ended and how long it took. Only the last {@value Timeline#SHOWN_CALLS} are shown.
   * Contents of requests are not: they hold credentials.
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
