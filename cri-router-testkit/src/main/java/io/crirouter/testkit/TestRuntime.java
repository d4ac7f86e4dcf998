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
 * A runtime in the hands of a test: it keeps a {@linkplain #journal journal} of its calls and
 * misbehaves when told to. {@link FakeRuntime} is one; {@link #around} makes one of any backend, a
 * runtime of your own say.
 *
 * <pre>{@code
 * TestRuntime vm = TestRuntime.around("vm.example", new VmRuntime());
 * vm.failNext("StopPodSandbox", Code.INTERNAL, "disk full");
 * vm.dispatch(CallMatcher.rpc("RunPodSandbox").forPod("x"), Reaction.fail(Code.UNKNOWN, "no x"));
 * }</pre>
 *
 * <p>Of several things that a test has asked for, the one for the next call counts first, then
 * {@linkplain #dispatch dispatchers}, then {@link #failAlways}.
 *
 * <p>May be used from any thread.
 */
public class TestRuntime implements RuntimeBackend {
  private final String name;
  private final Faults faults;
  private final CallJournal journal;
  private final RuntimeBackend edge;

  /** With the clock for delays and time limits. */
  TestRuntime(String name, RuntimeBackend target, Scheduler scheduler) {
    this.name = requireNonNull(name, "name");
    faults = new Faults(name, requireNonNull(target, "target"), scheduler);
    journal = new CallJournal(name);
    edge = journal.recording(faults);
  }

  /**
   * Puts {@code backend} into the hands of a test; delays are in real time.
   *
   * @param name tells in the journal and in failures whose calls they are
   * @param backend belongs to the caller, who closes it if it has to be closed
   */
  public static TestRuntime around(String name, RuntimeBackend backend) {
    return around(name, backend, SystemScheduler.INSTANCE);
  }

  /** As {@link #around(String, RuntimeBackend)}, with another clock for delays and time limits. */
  public static TestRuntime around(String name, RuntimeBackend backend, Scheduler scheduler) {
    return new TestRuntime(name, backend, requireNonNull(scheduler, "scheduler"));
  }

  /** The name given by the test. */
  public String name() {
    return name;
  }

  @Override
  public RuntimeCall start(CriRequest request, ResponseListener listener) {
    return edge.start(request, listener);
  }

  @Override
  public String address() {
    return edge.address();
  }

  @Override
  public void onReachabilityChange(Runnable listener) {
    edge.onReachabilityChange(listener);
  }

  /**
   * Serves this runtime on a UNIX socket, as a runtime of its own would be.
   *
   * @param socket where to listen; its folder must exist
   * @return the server, which the caller closes
   * @throws IOException if the socket cannot be had
   */
  public CriServer serve(Path socket) throws IOException {
    return CriServer.builder(this).socket(socket).start();
  }

  /** Every call that arrived, in order. */
  public CallJournal journal() {
    return journal;
  }

  /** Decides what becomes of a call: a function of the request, mostly. */
  @FunctionalInterface
  public interface Dispatcher {
    /**
     * Decides. Must not block. If it throws, the call ends INTERNAL with the reason.
     *
     * @param call the call, which has not begun
     * @return empty if it has nothing to say about this call
     */
    Optional<Reaction> dispatch(RecordedCall call);
  }

  /**
   * Lets {@code dispatcher} decide what becomes of each call until {@link #heal}. The one added
   * last is asked first.
   */
  public void dispatch(Dispatcher dispatcher) {
    faults.dispatch(requireNonNull(dispatcher, "dispatcher"));
  }

  /**
   * {@code reaction} is what becomes of {@code calls} until {@link #heal}.
   *
   * @param calls a {@link CallMatcher}, mostly; see {@link Dispatcher#dispatch} for when it is
   *     asked
   */
  public void dispatch(Predicate<? super RecordedCall> calls, Reaction reaction) {
    requireNonNull(calls, "calls");
    requireNonNull(reaction, "reaction");
    dispatch(call -> calls.test(call) ? Optional.of(reaction) : Optional.empty());
  }

  /**
   * The next call of {@code rpc} is not carried out and ends with {@code status}. May be said
   * several times, for as many calls.
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
   * Answers of these rpcs have garbage in them until {@link #heal}: in the innermost message that
   * there can be, where only a full parse finds it; in answers without messages at the end. Calls
   * are carried out.
   *
   * @param rpcs all if none is given
   */
  public void garble(String... rpcs) {
    for (CriMethod method : methods(rpcs)) {
      faults.damage(method, answer -> MalformedAnswers.garbled(method, answer));
    }
  }

  /**
   * Answers of these rpcs have a text that is no UTF-8 until {@link #heal}. Calls are carried out.
   *
   * @param rpcs all that answer with a text if none is given
   * @throws IllegalArgumentException if answers of one of them have no text
   */
  public void garbleText(String... rpcs) {
    for (CriMethod method : methods(rpcs)) {
      if (MalformedAnswers.haveText(method)) {
        faults.damage(method, answer -> MalformedAnswers.withBadText(method, answer));
      } else if (rpcs.length > 0) {
        throw new IllegalArgumentException("answers of " + method.name() + " have no text");
      }
    }
  }

  /**
   * Answers of these rpcs end in the middle of a field until {@link #heal}. Calls are carried out.
   *
   * @param rpcs all if none is given
   */
  public void truncate(String... rpcs) {
    for (CriMethod method : methods(rpcs)) {
      faults.damage(method, MalformedAnswers::truncated);
    }
  }

  /**
   * Answers of these rpcs never end, until {@link #heal} for later calls: a stream repeats its last
   * message now and then, an rpc with one message sends that and no status. Calls are carried out,
   * and those that fail do so at once.
   *
   * @param every how long a stream waits before it goes on
   * @param rpcs all if none is given
   */
  public void trickle(Duration every, String... rpcs) {
    requireNonNull(every, "every");
    methods(rpcs).forEach(method -> faults.trickle(method, every));
  }

  /**
   * Answers of these rpcs are enormous, until {@link #heal} for later calls: a stream repeats its
   * last message as fast as it can, enlarged to 1 MiB unless it is an event; an answer of one
   * message has 65 MiB. They are well-formed: the size comes from a field that CRI does not have.
   * Calls are carried out. Costs no memory, since all of it is one shared buffer.
   *
   * @param rpcs all if none is given
   */
  public void flood(String... rpcs) {
    methods(rpcs).forEach(faults::flood);
  }

  private static List<CriMethod> methods(String... rpcs) {
    return rpcs.length == 0 ? CriMethod.all() : Arrays.stream(rpcs).map(CriMethod::of).toList();
  }

  /** Forgets {@link #failNext}, {@link #dispatch}, {@link #delay} and their like. */
  public void heal() {
    faults.clear();
  }

  /**
   * Stops like a process that is suspended: calls wait without being carried out, answers are held
   * back and streams fall silent until {@link #resume}.
   *
   * @param rpcs only these; all if none is given
   */
  public void hang(String... rpcs) {
    faults.hang(methods(rpcs));
  }

  /** Goes on after {@link #hang}; what waited is carried out now, oldest first. */
  public void resume() {
    faults.resume();
  }

  /**
   * Breaks all connections: calls that are open or come later end UNREACHABLE until {@link #up}.
   */
  public void down() {
    faults.down();
  }

  /** Can be reached again, with all of its state. */
  public void up() {
    faults.up();
  }

  @Override
  public String toString() {
    return getClass().getSimpleName() + "(" + name + ")";
  }
}
