package io.crirouter.core.internal.backend;

import com.google.protobuf.ByteString;
import io.crirouter.core.BackendName;
import io.crirouter.core.BackendOptions;
import io.crirouter.core.BackendState.Phase;
import io.crirouter.core.CriMethod;
import io.crirouter.core.CriRequest;
import io.crirouter.core.IdOwner;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcException;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.core.RuntimeCall;
import io.crirouter.core.internal.call.ClippedText;
import io.crirouter.core.internal.call.ForeignCode;
import io.crirouter.core.internal.call.ResponseSize;
import io.crirouter.core.internal.call.SharedLimit;
import io.crirouter.core.internal.inventory.Inventory;
import io.crirouter.core.internal.inventory.ResponseObserver;
import io.crirouter.core.internal.observation.CallTrace;
import io.crirouter.core.internal.observation.PartTrace;
import io.crirouter.core.internal.schema.Schema;
import io.crirouter.core.internal.wire.MalformedMessageException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One runtime behind the router. {@link #call} takes and delivers the client's ids, image refs and
 * runtime handlers, and translates them for the runtime. Thread-safe.
 */
public final class Backend {
  private final ForeignCode code;
  private volatile BackendConfig config;
  private volatile RuntimeBackend runtime;
  private final BackendContext context;
  private final Inventory inventory;
  private final IdOwner idOwner;
  private final Health health;
  private final Gate gate;
  private final Watch watch;
  private final OpenCalls openCalls;
  private final FailingRpcs failingRpcs = new FailingRpcs(this);
  private final SharedLimit.Share room;
  private final RouterQueries queries;
  private final EventCounts eventCounts = new EventCounts();
  private final Admission admission = new Admission(this);
  private final Gate.Target direct = this::sendDirectly;
  private volatile @Nullable Translator translator;

  /**
   * A backend that was not called yet.
   *
   * @param inventory its last known state
   * @param condition its health until it is probed
   */
  Backend(BackendConfig config, Inventory inventory, Condition condition, BackendContext context) {
    this.config = config;
    this.code = new ForeignCode("runtime " + config.name(), context.scheduler());
    this.runtime = config.guardedRuntime(code);
    this.context = context;
    this.inventory = inventory;
    this.idOwner = config.idOwner();
    this.room = context.room().share();
    this.health = new Health(this, condition, context.scheduler());
    this.gate = new Gate(this, context);
    this.watch = new Watch(this, context);
    this.openCalls = new OpenCalls(health, context);
    this.queries = new RouterQueries(this, context);
    health.onChange(
        changed -> {
          if (!changed.isReady()) {
            inventory.disconnected();
            failingRpcs.clear();
          }
        });
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
    RuntimeBackend former = runtime;
    boolean hasMoved = changed.runtime() != config.runtime();
    config = changed;
    if (hasMoved) {
      runtime = changed.guardedRuntime(code);
      inventory.movedTo(changed.runtime().address());
      former.onReachabilityChange(() -> {});
      if (!watch.isClosed()) {
        runtime.onReachabilityChange(watch::reachabilityChanged);
      }
    }
  }

  /** The runtime, which answers more than it does by itself; with its own ids and names. */
  RuntimeBackend runtime() {
    return runtime;
  }

  /** Reports the failures of the runtime's own code. */
  ForeignCode code() {
    return code;
  }

  /** Where the runtime is. */
  String address() {
    return runtime.address();
  }

  /** Starts watching it. */
  public void start(List<ConnectStep> steps) {
    runtime.onReachabilityChange(watch::reachabilityChanged);
    watch.start(steps);
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

  /** What finds out its health. */
  public Watch watch() {
    return watch;
  }

  /** The gate for calls that this backend alone answers. */
  public Gate gate() {
    return gate;
  }

  /** Its last known pod sandboxes, containers and images, with the runtime's own ids and names. */
  public Inventory inventory() {
    return inventory;
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
    watch.close();
    runtime.onReachabilityChange(() -> {});
    context.inventories().remove(inventory);
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
    ResponseListener listener =
        !isPrimary() && DeliverAfterSaving.isNeeded(request.method())
            ? new DeliverAfterSaving(context.inventories().state(), client)
            : client;
    return send(request, listener, null, trace);
  }

  private RuntimeCall send(
      CriRequest request, ResponseListener client, @Nullable ResponseSize size, PartTrace trace) {
    CriMethod method = request.method();
    ResponseObserver observer = inventory.observe(Schema.of(method), request.message());
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

  /**
   * Starts a stream of the router itself, with the runtime's own ids and names. As with {@link
   * #call}, the status of an unreachable runtime names it, and the backend becomes lost.
   */
  public RuntimeCall subscribe(CriMethod method, ResponseListener listener) {
    return new TranslatedCall(this, method, ResponseObserver.NOTHING, listener, false, null)
        .start(runtime, CriRequest.of(method, ByteString.EMPTY));
  }

  /** The limit for one response that is merged with others. */
  public ResponseSize mergedResponse() {
    return isPrimary() ? ResponseSize.alone() : ResponseSize.within(room);
  }

  /** The queries of the router itself. */
  public RouterQueries queries() {
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
    if (!isConfigured()) {
      return RpcStatus.unreachable(
          String.format(
              "runtime %s is not configured any more (it was at %s): configure it again, or drop"
                  + " its saved state (forget)",
              name(), address()));
    }
    Condition condition = health.condition();
    String since = condition.phase() == Phase.LOST ? ", lost since " + condition.timeOfDay() : "";
    String text =
        String.format(
            "runtime %s (%s%s) is not available: %s",
            name(), address(), since, ClippedText.of(cause));
    return RpcStatus.unreachable(text);
  }

  @Override
  public String toString() {
    return name() + " (" + address() + ")";
  }
}
