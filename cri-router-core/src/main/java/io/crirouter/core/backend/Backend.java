package io.crirouter.core.backend;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.ByteString;
import io.crirouter.core.BackendName;
import io.crirouter.core.BackendOptions;
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
import io.crirouter.core.schema.MethodSchema;
import io.crirouter.core.schema.Schema;
import io.crirouter.core.wire.MalformedMessageException;
import io.crirouter.core.wire.RewritePlan;
import io.crirouter.core.wire.Rewriter;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One runtime behind the router. {@link #call} speaks the client's language: ids, image names and
 * runtime handlers are translated on the way there and back.
 */
public final class Backend {
  private static final int DEFAULT_PREFIX_LENGTH = 4;
  private static final Pattern NOT_IN_PREFIX = Pattern.compile("[^a-z0-9]");

  private final BackendName name;
  private final boolean primary;
  private final RuntimeBackend runtime;
  private final BackendOptions options;
  private final Scheduler scheduler;
  private final String idPrefix;
  private final byte[] imagePrefix;
  private final Health health;
  private final Map<CriMethod, Plans> plans = new HashMap<>();
  private @Nullable Translation translation;

  private record Plans(@Nullable RewritePlan request, @Nullable RewritePlan response) {}

  /** A backend that nobody has talked to yet. */
  public Backend(
      BackendName name,
      boolean primary,
      RuntimeBackend runtime,
      BackendOptions options,
      Scheduler scheduler) {
    this.name = name;
    this.primary = primary;
    this.runtime = primary ? runtime : ListsAsStreams.over(PodStatsFromContainers.over(runtime));
    this.options = options;
    this.scheduler = scheduler;
    this.idPrefix = options.idPrefix().orElseGet(() -> defaultPrefix(name));
    this.imagePrefix = imagePrefix().getBytes(UTF_8);
    this.health = new Health(this, scheduler);
  }

  private static String defaultPrefix(BackendName name) {
    String letters = NOT_IN_PREFIX.matcher(name.value()).replaceAll("");
    return letters.substring(0, Math.min(DEFAULT_PREFIX_LENGTH, letters.length()));
  }

  /** Sets the translation, once, before the first call; it needs all backends to be known. */
  void useTranslation(Translation ours) {
    translation = ours;
    for (MethodSchema method : Schema.cri().methods()) {
      plans.put(
          method.method(),
          new Plans(
              RewritePlan.translating(method.request(), kind -> true),
              RewritePlan.translating(method.response(), ours::changesInResponse)));
    }
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

  /** What the backend's ids start with for the client, without the separator; not for primaries. */
  public String idPrefix() {
    return idPrefix;
  }

  /** What the backend's image names start with for the client under prefixed names. */
  public String imagePrefix() {
    return name + "/";
  }

  /** The bytes of {@link #imagePrefix}, never changed. */
  public byte[] imagePrefixBytes() {
    return imagePrefix;
  }

  /** How it is. */
  public Health health() {
    return health;
  }

  /** Whether it can have anything that lists would have to show. */
  public boolean hasContent() {
    return primary || health.condition().phase() != Condition.Phase.NEVER_SEEN;
  }

  /** Translates references between the client and this backend. */
  public Translation translation() {
    if (translation == null) {
      throw new IllegalStateException("backend " + name + " is not part of a router yet");
    }
    return translation;
  }

  /**
   * Starts a call for the client.
   *
   * @throws RpcException if the request cannot be this backend's; nothing was sent then
   * @throws MalformedMessageException if the request is no protobuf message; nothing was sent
   */
  public RuntimeCall call(CriRequest request, ResponseListener listener)
      throws RpcException, MalformedMessageException {
    Plans plan = plans(request.method());
    ByteString message = request.message();
    if (plan.request != null) {
      message = Rewriter.rewrite(message, plan.request, translation()::toRuntime);
    }
    TranslatedCall call = new TranslatedCall(this, request.method(), plan.response, listener);
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
    OnceOnly<Answer> once = new OnceOnly<>(whenAnswered);
    RuntimeCall call =
        AnswerCollector.start(
            runtime, request, (status, answer) -> once.accept(new Answer(this, answer, status)));
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

  /** Rewrites an answer for the client; the same object if nothing changes. */
  ByteString translate(RewritePlan plan, ByteString answer)
      throws MalformedMessageException, RpcException {
    return Rewriter.rewrite(answer, plan, translation()::toClient);
  }

  /** The status for the client when this backend did not answer because of {@code cause}. */
  public RpcStatus unavailable(String cause) {
    Condition condition = health.condition();
    String since =
        condition.phase() == Condition.Phase.LOST
            ? String.format(
                ", lost %d s ago",
                Duration.ofNanos(scheduler.nanoTime() - condition.sinceNanos()).toSeconds())
            : "";
    return new RpcStatus(
        Code.UNAVAILABLE,
        String.format(
            "runtime %s (%s%s) is not available: %s", name, runtime.address(), since, cause),
        io.crirouter.core.CallMetadata.EMPTY,
        RpcStatus.Origin.UNREACHABLE);
  }

  void onReachabilityChange(Runnable listener) {
    runtime.onReachabilityChange(listener);
  }

  private Plans plans(CriMethod method) {
    Plans plan = plans.get(method);
    if (plan == null) {
      throw new IllegalArgumentException("no rpc " + method.name() + " in CRI v1");
    }
    return plan;
  }

  @Override
  public String toString() {
    return name + " (" + runtime.address() + ")";
  }
}
