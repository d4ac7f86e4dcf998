package io.crirouter.core.backend;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.ByteString;
import io.crirouter.core.BackendName;
import io.crirouter.core.BackendOptions;
import io.crirouter.core.BackendState;
import io.crirouter.core.BackendState.Phase;
import io.crirouter.core.CallMetadata;
import io.crirouter.core.CriMethod;
import io.crirouter.core.CriRequest;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcException;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.core.RuntimeCall;
import io.crirouter.core.Scheduler;
import io.crirouter.core.identity.Translation;
import io.crirouter.core.lastknown.CallObserver;
import io.crirouter.core.lastknown.LastKnown;
import io.crirouter.core.state.Memory;
import io.crirouter.core.wire.MalformedMessageException;
import io.crirouter.core.wire.RewritePlan;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One runtime behind the router. {@link #call} speaks the client's language: ids, image names and
 * runtime handlers are translated on the way there and back.
 */
public final class Backend {
  private static final System.Logger LOG = System.getLogger("io.crirouter");
  private static final String ID_SEPARATOR = "__";
  private static final int DEFAULT_PREFIX_LENGTH = 4;
  private static final Pattern NOT_IN_PREFIX = Pattern.compile("[^a-z0-9]");

  private final BackendName name;
  private final boolean primary;
  private final RuntimeBackend runtime;
  private final BackendOptions options;
  private final Scheduler scheduler;
  private final String idPrefix;
  private final byte[] idPrefixBytes;
  private final String imagePrefix;
  private final byte[] imagePrefixBytes;
  private final Health health;
  private final LastKnown lastKnown;
  private final Patience patience = new Patience();
  private final ListLearning lists = new ListLearning(this);
  private final Admission admission = new Admission(this);
  private final Memory memory;
  private @Nullable MessageTranslation messages;

  /** A backend that nobody has talked to yet. */
  public Backend(
      BackendName name,
      boolean primary,
      RuntimeBackend runtime,
      BackendOptions options,
      Memory memory,
      Scheduler scheduler) {
    this.name = name;
    this.primary = primary;
    this.runtime = primary ? runtime : ListsAsStreams.over(PodStatsFromContainers.over(runtime));
    this.options = options;
    this.scheduler = scheduler;
    this.idPrefix = options.idPrefix().orElseGet(() -> defaultPrefix(name)) + ID_SEPARATOR;
    this.idPrefixBytes = idPrefix.getBytes(UTF_8);
    this.imagePrefix = name + "/";
    this.imagePrefixBytes = imagePrefix.getBytes(UTF_8);
    this.memory = memory;
    this.health = new Health(this, scheduler);
    this.lastKnown = new LastKnown(scheduler, primary ? () -> {} : memory::changed);
  }

  /**
   * Begins to be remembered, and with what is remembered: a secondary that had something before the
   * router restarted is away, not unknown. Called once, when no other backend has the name.
   */
  public void restore() {
    ByteString remembered = primary ? null : memory.register(memoryPart(), lastKnown::remember);
    if (remembered == null || remembered.isEmpty()) {
      return;
    }
    try {
      lastKnown.restore(remembered);
      health.startAsLost();
    } catch (MalformedMessageException e) {
      LOG.log(
          System.Logger.Level.ERROR,
          "what runtime {0} had before the restart is lost: {1}",
          name,
          e.getMessage());
    }
  }

  private static String defaultPrefix(BackendName name) {
    String letters = NOT_IN_PREFIX.matcher(name.value()).replaceAll("");
    return letters.substring(0, Math.min(DEFAULT_PREFIX_LENGTH, letters.length()));
  }

  private String memoryPart() {
    return "runtime " + name;
  }

  /** Sets the translation, once, before the first call; it needs all backends to be known. */
  void useTranslation(Translation ours) {
    messages = new MessageTranslation(ours);
  }

  /** The configured name. */
  public BackendName name() {
    return name;
  }

  /** Whether it is the primary. */
  public boolean isPrimary() {
    return primary;
  }

  /** The configured options. */
  public BackendOptions options() {
    return options;
  }

  /** What the backend's ids start with for the client; of no meaning for the primary. */
  public String idPrefix() {
    return idPrefix;
  }

  /** The bytes of {@link #idPrefix}, never changed. */
  public byte[] idPrefixBytes() {
    return idPrefixBytes;
  }

  /** What the backend's image names start with for the client under prefixed names. */
  public String imagePrefix() {
    return imagePrefix;
  }

  /** The bytes of {@link #imagePrefix}, never changed. */
  public byte[] imagePrefixBytes() {
    return imagePrefixBytes;
  }

  /** How it is. */
  public Health health() {
    return health;
  }

  /** The backend in this condition, as embedders see it. */
  public BackendState state(Condition condition) {
    return new BackendState(
        name, primary, runtime.address(), condition.phase(), condition.since(), condition.reason());
  }

  /** Whether it can have anything that lists would have to show. */
  public boolean hasContent() {
    return primary || health.condition().phase() != Phase.NEVER_SEEN;
  }

  /** Whether it takes new pods. */
  public Admission admission() {
    return admission;
  }

  /** Whether it was removed from the router: calls that are under way end, and none begins. */
  public boolean isRemoved() {
    return admission.isOver();
  }

  /** The end of its part in the router: it is not watched any more, and not remembered. */
  void end() {
    health.close();
    runtime.onReachabilityChange(() -> {});
    memory.unregister(memoryPart());
  }

  /** Translates references between the client and this backend. */
  public Translation translation() {
    return messages().references();
  }

  private MessageTranslation messages() {
    if (messages == null) {
      throw new IllegalStateException("backend " + name + " is not part of a router yet");
    }
    return messages;
  }

  /**
   * Starts a call for the client.
   *
   * @throws RpcException if the request cannot be this backend's; nothing was sent then
   * @throws MalformedMessageException if the request is no protobuf message; nothing was sent
   */
  public RuntimeCall call(CriRequest request, ResponseListener listener)
      throws RpcException, MalformedMessageException {
    CriMethod method = request.method();
    ByteString message = toRuntime(request);
    CallObserver observer = observe(method, message);
    TranslatedCall call =
        new TranslatedCall(this, method, messages().answerPlan(method), observer, listener);
    return call.start(runtime, request.withMessage(message));
  }

  /**
   * Starts a call of the router's own, in the runtime's language, and hands over the whole answer.
   *
   * @param limit after this time the answer is DEADLINE_EXCEEDED, whatever the runtime does
   */
  public void ask(
      CriMethod method, ByteString message, Duration limit, Consumer<Answer> whenAnswered) {
    CriRequest request = CriRequest.of(method, message).withTimeoutNanos(limit.toNanos());
    CallObserver observer = observe(method, message);
    OnceOnly<Answer> once = new OnceOnly<>(whenAnswered);
    RuntimeCall call =
        AnswerCollector.start(
            runtime,
            request,
            (status, answer) -> {
              if (status.isOk()) {
                observer.onMessage(answer);
              }
              observer.onClose(status);
              once.accept(new Answer(this, answer, status));
            });
    Runnable stopTimer =
        scheduler.schedule(
            limit,
            () -> {
              if (once.accept(new Answer(this, ByteString.EMPTY, noAnswer(method, limit)))) {
                call.cancel("no answer within " + limit);
              }
            });
    once.then(stopTimer);
  }

  private RpcStatus noAnswer(CriMethod method, Duration limit) {
    return RpcStatus.of(
        Code.DEADLINE_EXCEEDED,
        String.format("no answer to %s within %d ms", method.name(), limit.toMillis()));
  }

  private CallObserver observe(CriMethod method, ByteString request) {
    return CallObserver.both(
        lastKnown.observe(method, request), translation().observe(method, request));
  }

  /**
   * Starts a call of the router's own that goes on, in the runtime's language. Otherwise it is like
   * {@link #call}: a runtime that cannot be reached is named, and found lost.
   */
  public RuntimeCall subscribe(CriMethod method, ResponseListener listener) {
    CallObserver observer = observe(method, ByteString.EMPTY);
    TranslatedCall call = new TranslatedCall(this, method, null, observer, listener);
    return call.start(runtime, CriRequest.of(method, ByteString.EMPTY));
  }

  /**
   * Rewrites an answer for the client; the same object if nothing changes.
   *
   * @param method the rpc that the message answers
   */
  public ByteString toClient(CriMethod method, ByteString answer)
      throws MalformedMessageException, RpcException {
    return messages().answer(method, answer);
  }

  /** The message of a client's request in the runtime's language. */
  ByteString toRuntime(CriRequest request) throws MalformedMessageException, RpcException {
    return messages().request(request.method(), request.message());
  }

  /** Rewrites an answer for the client; the same object if nothing changes. */
  ByteString translate(RewritePlan plan, ByteString answer)
      throws MalformedMessageException, RpcException {
    return messages().answer(plan, answer);
  }

  /**
   * What this backend would answer to a list if it were as it was when it was last heard of, in the
   * client's language.
   *
   * @param cause why it does not answer itself: the answer's status if nothing is known
   */
  public Answer recall(CriRequest request, RpcStatus cause) {
    try {
      CriMethod method = request.method();
      ByteString known = lastKnown.answer(method, toRuntime(request));
      return known == null
          ? new Answer(this, ByteString.EMPTY, cause)
          : new Answer(this, messages().answer(method, known), RpcStatus.OK);
    } catch (RpcException e) {
      return new Answer(this, ByteString.EMPTY, e.status());
    } catch (MalformedMessageException e) {
      return new Answer(this, ByteString.EMPTY, cause);
    }
  }

  /** It let the time for an answer to {@code method} pass: is it still there? */
  public void missed(CriMethod method) {
    patience.missed(method);
    health.probeNow();
  }

  /** Asks it what nobody waits for. */
  public ListLearning lists() {
    return lists;
  }

  /** What it had when it was last heard of, in its own language; of no use for the primary. */
  public LastKnown lastKnown() {
    return lastKnown;
  }

  /** Whether answers that are merged should still wait for it. */
  public Patience patience() {
    return patience;
  }

  /** The status for the client when this backend did not answer because of {@code cause}. */
  public RpcStatus unavailable(String cause) {
    Condition condition = health.condition();
    String since =
        condition.phase() == Phase.LOST
            ? String.format(
                ", lost %d s ago",
                Duration.ofNanos(scheduler.nanoTime() - condition.sinceNanos()).toSeconds())
            : "";
    return new RpcStatus(
        Code.UNAVAILABLE,
        String.format(
            "runtime %s (%s%s) is not available: %s", name, runtime.address(), since, cause),
        CallMetadata.EMPTY,
        RpcStatus.Origin.UNREACHABLE);
  }

  void onReachabilityChange(Runnable listener) {
    runtime.onReachabilityChange(listener);
  }

  @Override
  public String toString() {
    return name + " (" + runtime.address() + ")";
  }
}
