package io.crirouter.core.internal.backend;

import com.google.protobuf.ByteString;
import io.crirouter.core.BackendName;
import io.crirouter.core.BackendOptions;
import io.crirouter.core.BackendState;
import io.crirouter.core.BackendState.Phase;
import io.crirouter.core.BackendStatistics;
import io.crirouter.core.CallRoute.Rule;
import io.crirouter.core.CriMethod;
import io.crirouter.core.CriRequest;
import io.crirouter.core.IdOwner;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcException;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.core.RuntimeCall;
import io.crirouter.core.Scheduler;
import io.crirouter.core.Timeouts;
import io.crirouter.core.internal.call.ClippedText;
import io.crirouter.core.internal.call.ResponseSize;
import io.crirouter.core.internal.call.SharedLimit;
import io.crirouter.core.internal.inventory.Inventories;
import io.crirouter.core.internal.inventory.Inventory;
import io.crirouter.core.internal.inventory.Kind;
import io.crirouter.core.internal.inventory.ResponseObserver;
import io.crirouter.core.internal.observation.CallTrace;
import io.crirouter.core.internal.observation.PartTrace;
import io.crirouter.core.internal.observation.Route;
import io.crirouter.core.internal.schema.MethodSchema;
import io.crirouter.core.internal.schema.Schema;
import io.crirouter.core.internal.wire.MalformedMessageException;
import io.crirouter.core.internal.wire.WellFormed;
import io.crirouter.core.internal.wire.WireMessage;
import io.crirouter.proto.routing.Effect;
import io.crirouter.proto.v1.ContainerStatusRequest;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One runtime behind the router. {@link #call} takes and delivers the client's ids, image refs and
 * runtime handlers, and translates them for the runtime. Thread-safe.
 */
public final class Backend {
  private static final Set<Effect> CREATIONS =
      Set.of(Effect.CREATES_POD_SANDBOX, Effect.RESTORES_POD, Effect.CREATES_CONTAINER);

  private volatile BackendConfig config;
  private volatile RuntimeBackend runtime;
  private final Scheduler scheduler;
  private final Timeouts timeouts;
  private final Inventories inventories;
  private final Inventory inventory;
  private final IdOwner idOwner;
  private final Health health;
  private final Gate gate;
  private final OpenCalls openCalls;
  private final FailingRpcs failingRpcs = new FailingRpcs(this);
  private final SharedLimit.Share room;
  private final BackgroundQueries queries;
  private final EventCounts eventCounts = new EventCounts();
  private final Admission admission = new Admission(this);
  private final Gate.Target direct = this::sendDirectly;
  private volatile @Nullable Translator translator;

  /**
   * A backend that was not called yet. Its saved inventory is restored.
   *
   * @param room {@link ResponseSize#underWay} of the secondaries of the router
   */
  public Backend(
      BackendConfig config,
      Inventories inventories,
      SharedLimit room,
      Timeouts timeouts,
      Scheduler scheduler) {
    this(
        config,
        inventories,
        inventories.open(
            new Inventory.Origin(config.idOwner(), config.runtime().address()), config.isPrimary()),
        room,
        timeouts,
        scheduler);
    if (!isPrimary() && inventory.wasRestored()) {
      health.startAsLost();
    }
  }

  private Backend(
      BackendConfig config,
      Inventories inventories,
      Inventory inventory,
      SharedLimit room,
      Timeouts timeouts,
      Scheduler scheduler) {
    this.room = room.share();
    this.config = config;
    this.runtime = guarded(config);
    this.scheduler = scheduler;
    this.timeouts = timeouts;
    this.inventories = inventories;
    this.inventory = inventory;
    this.idOwner = config.idOwner();
    this.health = new Health(this, scheduler, timeouts);
    this.gate = new Gate(this, scheduler, timeouts.connecting());
    this.openCalls = new OpenCalls(health, scheduler, timeouts.afterLoss());
    this.queries = new BackgroundQueries(this, timeouts, scheduler);
    health.onChange(
        condition -> {
          if (!condition.isReady()) {
            inventory.disconnected();
            failingRpcs.clear();
          }
        });
  }

  /**
   * A runtime that had pods before the restart of the router and is no longer configured. Its last
   * known state stays listed, and calls by its ids are refused.
   */
  public static Backend unconfigured(
      Inventory inventory,
      Inventories inventories,
      SharedLimit room,
      Timeouts timeouts,
      Scheduler scheduler) {
    BackendConfig config =
        new BackendConfig(
            inventory.name(),
            false,
            new UnconfiguredRuntime(inventory.origin().address()),
            BackendOptions.DEFAULT.withIdPrefix(inventory.origin().idOwner().prefix()));
    Backend backend = new Backend(config, inventories, inventory, room, timeouts, scheduler);
    backend.health.startAsUnconfigured();
    return backend;
  }

  private static RuntimeBackend guarded(BackendConfig config) {
    RuntimeBackend guarded = new GuardedRuntime(config.runtime());
    return config.isPrimary() ? guarded : new ListsAsStreams(new PodStatsFromContainers(guarded));
  }

  /** Sets the translator, before the first call. It is made when all backends are known. */
  void useTranslator(Translator ours) {
    translator = ours;
  }

  /**
   * Uses another configuration with the same id owner from the next call on. Its pods stay its own.
   * Call {@link #useTranslator} then.
   */
  void change(BackendConfig changed) {
    RuntimeBackend former = config.runtime();
    config = changed;
    if (changed.runtime() != former) {
      runtime = guarded(changed);
      inventory.movedTo(changed.runtime().address());
      former.onReachabilityChange(() -> {});
      health.moved();
    }
  }

  /** Notes that {@code backends} answer a call, by {@code rule}. */
  public static void noteRoute(CallTrace trace, Rule rule, List<Backend> backends, String subject) {
    if (trace.isObserved()) {
      trace.routed(Route.of(rule, backends.stream().map(Backend::name).toList(), subject));
    }
  }

  /** The configured name. */
  public BackendName name() {
    return config.name();
  }

  /** Whether it is the primary. */
  public boolean isPrimary() {
    return config.isPrimary();
  }

  /** Whether it is configured; false for one that is only known from before a restart. */
  public boolean isConfigured() {
    return health.condition().cause() != Condition.Cause.NOT_CONFIGURED;
  }

  /** Its configuration. */
  public BackendConfig config() {
    return config;
  }

  /** The configured options. */
  public BackendOptions options() {
    return config.options();
  }

  /** How an id codec sees it; not used for the primary. */
  public IdOwner idOwner() {
    return idOwner;
  }

  /** Its health. */
  public Health health() {
    return health;
  }

  /** The gate for calls that this backend alone answers. */
  public Gate gate() {
    return gate;
  }

  /** Its last known pod sandboxes, containers and images, with the runtime's own ids and names. */
  public Inventory inventory() {
    return inventory;
  }

  /** The state that embedders see, for this condition. */
  public BackendState state(Condition condition) {
    RuntimeVersion version = health.version();
    return new StateReport(
        name(),
        isPrimary(),
        runtime.address(),
        condition.phase(),
        condition.since(),
        condition.reason(),
        version.name(),
        version.version());
  }

  /** What embedders see of what was counted. */
  public BackendStatistics statistics() {
    return StatisticsReport.of(inventory, eventCounts);
  }

  /** What is counted of its events. */
  public EventCounts eventCounts() {
    return eventCounts;
  }

  /** Whether lists have to include it, because it may have pods, containers or images. */
  public boolean hasContent() {
    return isPrimary() || health.condition().phase() != Phase.NEVER_SEEN;
  }

  /** Whether it was ready once, perhaps before a restart of the router, and is not now. */
  public boolean isLost() {
    return health.condition().phase() == Phase.LOST;
  }

  /** Whether it accepts new pods. */
  public Admission admission() {
    return admission;
  }

  /** Whether it was removed from the router. No new call is sent to it then. */
  public boolean isRemoved() {
    return admission.isRemoved();
  }

  /** Called when it was removed from the router. It is no longer watched. */
  void end() {
    health.close();
    runtime.onReachabilityChange(() -> {});
    inventories.remove(inventory);
  }

  /** Translates between the client and this backend. */
  public Translator translator() {
    Translator ours = translator;
    if (ours == null) {
      throw new IllegalStateException("backend " + name() + " is not part of a router yet");
    }
    return ours;
  }

  /** The client's id of an object for messages: the runtime's own if the id codec fails. */
  public String clientIdForPeople(String runtimesId) {
    try {
      return translator().clientId(runtimesId);
    } catch (RpcException e) {
      return runtimesId;
    }
  }

  /**
   * Starts a call for the client that this backend alone answers: it passes the {@link #gate}.
   *
   * @throws RpcException if the request names objects of another backend; nothing was sent then
   * @throws MalformedMessageException if the request is no protobuf message; nothing was sent
   */
  public RuntimeCall call(CriRequest request, ResponseListener client, CallTrace trace)
      throws RpcException, MalformedMessageException {
    return call(request, client, trace.part(name(), request.method()));
  }

  /** The same with the notes of this part of the client's call. */
  public RuntimeCall call(CriRequest request, ResponseListener client, PartTrace trace)
      throws RpcException, MalformedMessageException {
    return gate.start(translate(request), client, direct, trace);
  }

  /**
   * Starts a call for the client that several backends answer. It does not wait for a backend that
   * is connecting, and ends as soon as the backend is lost.
   *
   * @param size limits the response
   * @throws RpcException if the request names objects of another backend; nothing was sent then
   * @throws MalformedMessageException if the request is no protobuf message; nothing was sent
   */
  public RuntimeCall callAsOneOfSeveral(
      CriRequest request, ResponseListener client, ResponseSize size, PartTrace trace)
      throws RpcException, MalformedMessageException {
    return send(translate(request), client, size, trace);
  }

  private CriRequest translate(CriRequest request) throws RpcException, MalformedMessageException {
    return request.withMessage(translator().request(request.method(), request.message()));
  }

  private RuntimeCall sendDirectly(CriRequest request, ResponseListener client, PartTrace trace) {
    boolean mustBeSaved =
        !isPrimary() && CREATIONS.contains(Schema.cri().require(request.method().name()).effect());
    ResponseListener listener =
        mustBeSaved ? new DeliverAfterSaving(inventories.state(), client) : client;
    return send(request, listener, null, trace);
  }

  private RuntimeCall send(
      CriRequest request, ResponseListener client, @Nullable ResponseSize size, PartTrace trace) {
    CriMethod method = request.method();
    ResponseObserver observer = observe(method, request.message());
    TranslatedCall call =
        new TranslatedCall(this, method, observer, trace.sent(request, client), true, size);
    if (!isPrimary()) {
      openCalls.add(call);
    }
    return call.start(runtime, request);
  }

  /** A call that was sent has ended. */
  void ended(TranslatedCall call) {
    openCalls.remove(call);
  }

  /** Answers of a secondary that are merged must not spoil the others: they are checked. */
  private ResponseObserver observe(CriMethod method, ByteString request) {
    MethodSchema schema = Schema.cri().require(method.name());
    ResponseObserver observer = inventory.observe(schema, request);
    boolean isChecked = Kind.listedBy(schema.effect()) != null;
    return isPrimary() || isChecked || !schema.isMerged()
        ? observer
        : new CheckingObserver(schema, observer);
  }

  /** Lets only well-formed messages pass. */
  private record CheckingObserver(MethodSchema schema, ResponseObserver observer)
      implements ResponseObserver {
    @Override
    public ByteString onMessage(ByteString message) throws MalformedMessageException {
      WellFormed.require(message, schema.response());
      return observer.onMessage(message);
    }

    @Override
    public void onClose(RpcStatus status) {
      observer.onClose(status);
    }
  }

  /**
   * Sends a query of the router itself, with the runtime's own ids and names, and hands over the
   * whole response. It is DEADLINE_EXCEEDED after {@link Timeouts#ownQueries}.
   */
  public void ask(CriMethod method, ByteString message, Consumer<BackendResponse> whenAnswered) {
    ask(method, message, ResponseSize.alone(), timeouts.ownQueries(), whenAnswered);
  }

  /** The same with other limits. A response longer than {@code size} is RESOURCE_EXHAUSTED. */
  void ask(
      CriMethod method,
      ByteString message,
      ResponseSize size,
      Duration limit,
      Consumer<BackendResponse> whenAnswered) {
    if (health.isClosed()) {
      whenAnswered.accept(
          new BackendResponse(this, ByteString.EMPTY, unavailable("the router no longer uses it")));
      return;
    }
    new RouterQuery(this, method, observe(method, message), size, whenAnswered)
        .ask(runtime, message, limit, scheduler);
  }

  /**
   * Starts a stream of the router itself, with the runtime's own ids and names. As with {@link
   * #call}, the status of an unreachable runtime names it, and the backend becomes lost.
   */
  public RuntimeCall subscribe(CriMethod method, ResponseListener listener) {
    return new TranslatedCall(this, method, ResponseObserver.NOTHING, listener, false, null)
        .start(runtime, CriRequest.of(method, ByteString.EMPTY));
  }

  /**
   * The response to a list or to ContainerStatus from the last known state of this backend, with
   * the client's ids and names.
   *
   * @param cause why the backend did not answer; the status of the result if no state is known
   */
  public BackendResponse lastKnownResponse(CriRequest request, RpcStatus cause) {
    try {
      CriMethod method = request.method();
      ByteString known =
          known(
              Schema.cri().require(method.name()).effect(),
              translator().request(method, request.message()));
      return known == null
          ? new BackendResponse(this, ByteString.EMPTY, cause)
          : told(method, known);
    } catch (RpcException e) {
      return new BackendResponse(this, ByteString.EMPTY, e.status());
    } catch (MalformedMessageException e) {
      return new BackendResponse(this, ByteString.EMPTY, cause);
    }
  }

  private @Nullable ByteString known(Effect effect, ByteString request)
      throws MalformedMessageException {
    if (effect == Effect.SHOWS_CONTAINER) {
      return inventory.lastStatus(
          WireMessage.stringIn(request, ContainerStatusRequest.CONTAINER_ID_FIELD_NUMBER));
    }
    Kind kind = Kind.listedBy(effect);
    return kind == null ? null : inventory.answer(kind, request);
  }

  private BackendResponse told(CriMethod method, ByteString known)
      throws MalformedMessageException {
    try {
      return new BackendResponse(this, translator().answer(method, known), RpcStatus.OK);
    } catch (RpcException e) {
      return new BackendResponse(this, ByteString.EMPTY, e.status(), true);
    }
  }

  /** The limit for one response that is merged with others. */
  public ResponseSize mergedResponse() {
    return isPrimary() ? ResponseSize.alone() : ResponseSize.within(room);
  }

  /** The queries for which no client waits. */
  public BackgroundQueries queries() {
    return queries;
  }

  /** The rpcs that merged calls did without of late. */
  public FailingRpcs failingRpcs() {
    return failingRpcs;
  }

  /**
   * The status for the client when this backend did not answer because of {@code cause}. The text
   * is the same from one call to the next, because a kubelet creates an event for each new text.
   */
  public RpcStatus unavailable(String cause) {
    Condition condition = health.condition();
    String text =
        isConfigured()
            ? String.format(
                "runtime %s (%s%s) is not available: %s",
                name(), runtime.address(), since(condition), ClippedText.of(cause))
            : String.format(
                "runtime %s is not configured any more (it was at %s): configure it again, or drop"
                    + " its saved state (forget)",
                name(), runtime.address());
    return RpcStatus.unreachable(text);
  }

  private static String since(Condition condition) {
    return condition.phase() == Phase.LOST
        ? ", lost since " + TimeOfDay.FORMAT.format(condition.since())
        : "";
  }

  /** Loaded only when it is needed. */
  private static final class TimeOfDay {
    static final DateTimeFormatter FORMAT =
        DateTimeFormatter.ofPattern("HH:mm:ss'Z'").withZone(ZoneOffset.UTC);
  }

  void onReachabilityChange(Runnable listener) {
    runtime.onReachabilityChange(listener);
  }

  @Override
  public String toString() {
    return name() + " (" + runtime.address() + ")";
  }
}
