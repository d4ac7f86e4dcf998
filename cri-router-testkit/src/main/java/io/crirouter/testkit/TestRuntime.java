package io.crirouter.testkit;

import static java.util.Objects.requireNonNull;

import com.google.protobuf.ByteString;
import io.crirouter.core.CriMethod;
import io.crirouter.core.CriRequest;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.core.RuntimeCall;
import io.crirouter.core.Scheduler;
import io.crirouter.grpc.CriServer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * A runtime under the control of a test: it keeps a {@linkplain #journal journal} of its calls and
 * injects faults on demand. {@link FakeRuntime} is one; {@link #around} wraps any other backend.
 *
 * <pre>{@code
 * TestRuntime vm = TestRuntime.around("vm.example", new VmRuntime());
 * vm.failNext("StopPodSandbox", Code.INTERNAL, "disk full");
 * vm.dispatch(CallMatcher.rpc("RunPodSandbox").forPod("x"), Reaction.fail(Code.UNKNOWN, "no x"));
 * }</pre>
 *
 * <p>If several faults apply to a call, the order is: faults for the next call, then {@linkplain
 * #dispatch dispatchers}, then {@link #failAlways}.
 *
 * <p>May be used from any thread.
 */
public class TestRuntime implements RuntimeBackend {
  private final String name;
  private final Faults faults;
  private final CallJournal journal;
  private final RuntimeBackend recorded;

  /** With the clock for delays and timeouts. */
  TestRuntime(String name, RuntimeBackend target, Scheduler scheduler) {
    this.name = requireNonNull(name, "name");
    faults = new Faults(name, requireNonNull(target, "target"), scheduler);
    journal = new CallJournal(name);
    recorded = journal.recording(faults);
  }

  /**
   * Wraps {@code backend}. Delays are in real time.
   *
   * @param name identifies the runtime in the journal and in failures
   * @param backend owned and closed by the caller
   */
  public static TestRuntime around(String name, RuntimeBackend backend) {
    return around(name, backend, SystemScheduler.INSTANCE);
  }

  /** As {@link #around(String, RuntimeBackend)}, with another clock for delays and timeouts. */
  public static TestRuntime around(String name, RuntimeBackend backend, Scheduler scheduler) {
    return new TestRuntime(name, backend, requireNonNull(scheduler, "scheduler"));
  }

  /** The name of the runtime in journals and failures. */
  public String name() {
    return name;
  }

  @Override
  public RuntimeCall start(CriRequest request, ResponseListener listener) {
    return recorded.start(request, listener);
  }

  @Override
  public String address() {
    return recorded.address();
  }

  @Override
  public void onReachabilityChange(Runnable listener) {
    recorded.onReachabilityChange(listener);
  }

  /**
   * Serves this runtime on a UNIX socket.
   *
   * @param socket where to listen; its folder must exist
   * @return the server, which the caller closes
   * @throws IOException if the socket cannot be bound
   */
  public CriServer serve(Path socket) throws IOException {
    return CriServer.builder(this).socket(socket).start();
  }

  /** The calls that arrived, in order. */
  public CallJournal journal() {
    return journal;
  }

  /** Chooses the {@link Reaction} to a call, usually from its request. */
  @FunctionalInterface
  public interface Dispatcher {
    /**
     * Chooses the reaction. Must not block. If it throws, the call ends with INTERNAL and the
     * reason.
     *
     * @param call the call, which was not forwarded yet
     * @return empty to leave this call to other dispatchers
     */
    Optional<Reaction> dispatch(RecordedCall call);
  }

  /** Adds a dispatcher until {@link #heal}. The one added last is asked first. */
  public void dispatch(Dispatcher dispatcher) {
    faults.dispatch(requireNonNull(dispatcher, "dispatcher"));
  }

  /**
   * Applies {@code reaction} to calls that match {@code calls}, until {@link #heal}.
   *
   * @param calls usually a {@link CallMatcher}; evaluated like a {@link Dispatcher}
   */
  public void dispatch(Predicate<? super RecordedCall> calls, Reaction reaction) {
    requireNonNull(calls, "calls");
    requireNonNull(reaction, "reaction");
    dispatch(call -> calls.test(call) ? Optional.of(reaction) : Optional.empty());
  }

  /**
   * The next call of {@code rpc} is not carried out and ends with {@code status}. Further calls of
   * this method apply to the calls after that one.
   *
   * @throws IllegalArgumentException if there is no such rpc, or if the status is OK
   */
  public void failNext(String rpc, RpcStatus status) {
    faults.failNext(CriMethod.of(rpc), status);
  }

  /** A shorter {@link #failNext(String, RpcStatus)}: the runtime answers this code and message. */
  public void failNext(String rpc, RpcStatus.Code code, String message) {
    failNext(rpc, RpcStatus.of(code, message));
  }

  /** Calls of {@code rpc} are not carried out and end with {@code status}, until {@link #heal}. */
  public void failAlways(String rpc, RpcStatus status) {
    faults.failAlways(CriMethod.of(rpc), status);
  }

  /** The next call of {@code rpc} is not carried out and is answered with these bytes. */
  public void respondWithBytes(String rpc, ByteString response) {
    faults.answerNext(CriMethod.of(rpc), response);
  }

  /** The next call of {@code rpc} is carried out, but its answer is lost: UNREACHABLE. */
  public void loseNextAnswer(String rpc) {
    faults.loseNextAnswer(CriMethod.of(rpc));
  }

  /** Calls of {@code rpc} are carried out at once and answered {@code delay} later. */
  public void delay(String rpc, Duration delay) {
    faults.delay(CriMethod.of(rpc), delay);
  }

  /**
   * Responses of these rpcs contain an invalid tag until {@link #heal}: in the innermost message
   * type, where only a full parse detects it, or at the end if the response has no nested messages.
   * Calls are carried out.
   *
   * @param rpcs all if none is given
   */
  public void garble(String... rpcs) {
    for (CriMethod method : methods(rpcs)) {
      faults.damage(method, answer -> MalformedAnswers.garbled(method, answer));
    }
  }

  /**
   * Responses of these rpcs contain a string that is not UTF-8 until {@link #heal}. Calls are
   * carried out.
   *
   * @param rpcs all that have a string field in their response if none is given
   * @throws IllegalArgumentException if the response of one of them has no string field
   */
  public void garbleText(String... rpcs) {
    for (CriMethod method : methods(rpcs)) {
      if (MalformedAnswers.hasText(method)) {
        faults.damage(method, answer -> MalformedAnswers.withBadText(method, answer));
      } else if (rpcs.length > 0) {
        throw new IllegalArgumentException("answers of " + method.name() + " have no text");
      }
    }
  }

  /**
   * Responses of these rpcs end in the middle of a field until {@link #heal}. Calls are carried
   * out.
   *
   * @param rpcs all if none is given
   */
  public void truncate(String... rpcs) {
    for (CriMethod method : methods(rpcs)) {
      faults.damage(method, MalformedAnswers::truncated);
    }
  }

  /**
   * Responses of these rpcs never complete: a stream repeats its last message, a unary rpc sends
   * its message but no status. {@link #heal} ends this for later calls. Calls are carried out, and
   * failures are passed on at once.
   *
   * @param every the interval of the repetition
   * @param rpcs all if none is given
   */
  public void trickle(Duration every, String... rpcs) {
    requireNonNull(every, "every");
    methods(rpcs).forEach(method -> faults.trickle(method, every));
  }

  /**
   * Responses of these rpcs are oversized: a stream repeats its last message as fast as it can,
   * enlarged to 1 MiB unless it is an event; a unary response has 65 MiB. {@link #heal} ends this
   * for later calls. The responses are well-formed: the size comes from a field that CRI does not
   * have. Calls are carried out. All responses share one buffer.
   *
   * @param rpcs all if none is given
   */
  public void flood(String... rpcs) {
    methods(rpcs).forEach(faults::flood);
  }

  private static List<CriMethod> methods(String... rpcs) {
    return rpcs.length == 0 ? CriMethod.all() : Arrays.stream(rpcs).map(CriMethod::of).toList();
  }

  /** Removes all faults except {@link #hang} and {@link #down}. */
  public void heal() {
    faults.clear();
  }

  /**
   * Hangs like a suspended process until {@link #resume}: calls wait without being carried out, and
   * responses and stream messages are held back.
   *
   * @param rpcs only these; all if none is given
   */
  public void hang(String... rpcs) {
    faults.hang(methods(rpcs));
  }

  /** Ends {@link #hang}. Waiting calls are carried out now, oldest first. */
  public void resume() {
    faults.resume();
  }

  /** Breaks all connections: open and later calls end with UNREACHABLE until {@link #up}. */
  public void down() {
    faults.down();
  }

  /** Ends {@link #down}. The runtime has kept its state. */
  public void up() {
    faults.up();
  }

  @Override
  public String toString() {
    return getClass().getSimpleName() + "(" + name + ")";
  }
}
