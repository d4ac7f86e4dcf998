package io.crirouter.core;

import static java.util.Objects.requireNonNull;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.crirouter.core.internal.backend.Backend;
import io.crirouter.core.internal.backend.BackendConfig;
import io.crirouter.core.internal.backend.BackendContext;
import io.crirouter.core.internal.backend.Backends;
import io.crirouter.core.internal.backend.StateReport;
import io.crirouter.core.internal.backend.StatisticsReport;
import io.crirouter.core.internal.backend.Watch;
import io.crirouter.core.internal.inventory.Inventories;
import io.crirouter.core.internal.inventory.SavedState;
import io.crirouter.core.internal.naming.CodecIds;
import io.crirouter.core.internal.naming.FormerNativeIds;
import io.crirouter.core.internal.naming.Ids;
import io.crirouter.core.internal.naming.ImageNames;
import io.crirouter.core.internal.naming.KnownObjects;
import io.crirouter.core.internal.naming.MessageTranslation;
import io.crirouter.core.internal.naming.NativeIds;
import io.crirouter.core.internal.observation.CallTrace;
import io.crirouter.core.internal.observation.ObservedCall;
import io.crirouter.core.internal.observation.Observers;
import io.crirouter.core.internal.routing.BackendRemoval;
import io.crirouter.core.internal.routing.PolicyGuard;
import io.crirouter.core.internal.rpc.Operation;
import io.crirouter.core.internal.rpc.RpcTable;
import io.crirouter.core.internal.schema.RouteExplanation;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Makes several CRI runtimes look like one. The router is itself a {@link RuntimeBackend}: a {@code
 * CriServer} can serve it like any runtime.
 *
 * <pre>{@code
 * CriRouter router =
 *     CriRouter.builder()
 *         .scheduler(loops.scheduler())
 *         .primary(BackendName.of("containerd"), containerd)
 *         .secondary(BackendName.of("vm.example"), vms)
 *         .policy(RoutingPolicy.annotation())
 *         .build();
 * router.firstContact().toCompletableFuture().join();
 * }</pre>
 *
 * <p>New pods and images go to the runtime that the {@link RoutingPolicy} names, or else to the
 * primary. Calls by id go to the owner of the id, found by the {@link IdStrategy}. Lists, stats and
 * events of all runtimes are merged.
 *
 * <p>Thread-safe. Never blocks: work is done on the threads that bring calls, responses and timers.
 * Backends and the scheduler belong to the caller; {@link #close} stops watching them but closes
 * none.
 */
public final class CriRouter implements RuntimeBackend, AutoCloseable {
  private static final System.Logger LOG = System.getLogger("io.crirouter");

  private final Scheduler scheduler;
  private final Timeouts timeouts;
  private final SavedState state;
  private final Backends backends;
  private final RpcTable rpcs;
  private final Observers observers;
  private final KnownObjects known;
  private final PolicyGuard policy;

  private CriRouter(Builder builder) {
    scheduler = requireNonNull(builder.scheduler, "scheduler");
    timeouts = builder.timeouts;
    state = new SavedState(builder.store, scheduler);
    boolean idsAreNative = !(builder.ids instanceof IdCodec);
    Inventories inventories = new Inventories(state, scheduler, idsAreNative);
    builder.forgotten.forEach(inventories::forgetSaved);
    backends =
        new Backends(
            builder.configs,
            builder.forgotten,
            new BackendContext(inventories, timeouts, scheduler));
    FormerNativeIds former = new FormerNativeIds(state, idsAreNative, scheduler);
    Ids ids =
        builder.ids instanceof IdCodec codec
            ? new CodecIds(backends, inventories, former, codec, scheduler)
            : new NativeIds(backends, inventories, scheduler);
    ImageNames images = new ImageNames(backends, builder.images, scheduler);
    builder.configs.forEach(images::requireUsable);
    backends.useTranslators(
        config -> {
          ids.requireDistinct(config);
          images.requireUsable(config);
        },
        backend -> new MessageTranslation(backend, ids, images));
    policy = new PolicyGuard(builder.policy, builder.expected, backends);
    observers = new Observers(builder.observers, scheduler);
    known = new KnownObjects(backends);
    rpcs = new RpcTable(backends, inventories, ids, images, policy, timeouts, scheduler);
    builder.listeners.forEach(this::report);
    state.open();
    for (Backend backend : backends.all()) {
      if (backend.isConfigured()) {
        backend.start(rpcs.connectSteps());
      }
    }
    firstContact().thenRun(this::reportUnconfigured);
  }

  /** Runs after the first lists, which show runtimes that were only renamed. */
  private void reportUnconfigured() {
    for (Backend backend : backends.secondaries()) {
      if (!backend.isConfigured()) {
        LOG.log(
            System.Logger.Level.ERROR,
            "runtime {0} is not configured any more, but had {1} pod sandboxes: they stay listed,"
                + " and calls by their ids are refused; configure it again under its name, or drop"
                + " its saved state (forget)",
            backend,
            backend.inventory().sandboxIds().size());
      }
    }
  }

  private void report(BackendListener listener) {
    backends.whenJoined(
        backend ->
            backend
                .health()
                .onChange(condition -> report(listener, StateReport.of(backend, condition))));
  }

  private static void report(BackendListener listener, BackendState state) {
    try {
      listener.changed(state);
    } catch (RuntimeException | Error e) {
      LOG.log(
          System.Logger.Level.ERROR,
          "listener " + listener + " failed at a change of runtime " + state.name(),
          e);
    }
  }

  /** A builder without runtimes. */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * How the router handles each rpc, as a readable table: route, references that are translated in
   * requests and responses, how responses are merged, and what happens if a runtime fails.
   */
  public static String routes() {
    return RouteExplanation.table();
  }

  /**
   * Completes when every runtime is ready or was found not to be reachable, or after {@link
   * Timeouts.Builder#firstContact}. Lists may be incomplete before. Wait for it before serving a
   * client. It completes on the threads of the backends or the scheduler.
   */
  public CompletionStage<Void> firstContact() {
    CompletableFuture<Void> contact = allOf(Watch::firstContact);
    Cancellable timer = scheduler.schedule(timeouts.firstContact(), () -> contact.complete(null));
    return contact.whenComplete((done, failure) -> timer.cancel());
  }

  /**
   * The present state of each runtime, the primary first. The list does not change, and its
   * elements need not be of the same moment.
   */
  public List<BackendState> backends() {
    return backends.all().stream()
        .<BackendState>map(backend -> StateReport.of(backend, backend.health().condition()))
        .toList();
  }

  /**
   * What is known and was counted of each runtime, the primary first; the runtimes are those of
   * {@link #backends}. Takes the time of a few locks: not meant for every call.
   */
  public List<BackendStatistics> statistics() {
    return backends.all().stream().<BackendStatistics>map(StatisticsReport::of).toList();
  }

  /**
   * Adds a secondary, which is watched from now on. {@link #firstContact} then completes after its
   * first probe. One that was removed can be added again with the same name and id prefix.
   *
   * @throws IllegalArgumentException if its name or id prefix is that of another one, or was that
   *     of another one that was removed, or if {@code runtime} has been added under another name
   */
  public void add(BackendName name, RuntimeBackend runtime, BackendOptions options) {
    Backend backend = backends.add(new BackendConfig(name, false, runtime, options));
    backend.start(rpcs.connectSteps());
  }

  /**
   * Lets another policy decide about new pods and images from now on. Pods that exist stay where
   * they are. Atomic: no call is decided by parts of both.
   *
   * @throws IllegalArgumentException if it names a runtime that is neither part of the router nor
   *     {@linkplain Builder#expect expected}; the old one stays then
   */
  public void usePolicy(RoutingPolicy next) {
    policy.use(requireNonNull(next, "next"));
  }

  /**
   * Reaches a runtime by another {@link RuntimeBackend}, or with other options, from the next call
   * on: its socket has moved, or it got another runtime handler. It is the same runtime and keeps
   * its pods. Calls under way go on, so close a former {@code RuntimeBackend} only when its calls
   * have ended. What it has is asked for anew then, as in {@link #refresh}.
   *
   * @throws IllegalArgumentException if there is none of this name, if its id prefix or its image
   *     strategy would change, or if another one has this {@code RuntimeBackend}; nothing has
   *     changed then
   */
  public void change(BackendName name, RuntimeBackend runtime, BackendOptions options) {
    Backend changed =
        backends.change(
            requireNonNull(name, "name"),
            requireNonNull(runtime, "runtime"),
            requireNonNull(options, "options"));
    CompletionStage<Void> unused = changed.watch().refresh();
  }

  /**
   * Asks every runtime anew what it has, as after a new connection: something may have been created
   * or removed that no call through this router has shown. Completes when all have answered, or
   * were found not to be reachable.
   */
  public CompletionStage<Void> refresh() {
    return allOf(Watch::refresh);
  }

  private CompletableFuture<Void> allOf(Function<Watch, CompletableFuture<Void>> contact) {
    return CompletableFuture.allOf(
        backends.all().stream()
            .map(backend -> contact.apply(backend.watch()))
            .toArray(CompletableFuture<?>[]::new));
  }

  /**
   * Removes a secondary that has no pods. A ready one is asked for its pods now, for five seconds
   * at most; of a lost one the last known state counts. New pods for it are refused meanwhile, and
   * pods that are being created count as its pods.
   *
   * <p>After that no new call is sent to it; calls under way go on. Its ids get UNAVAILABLE with
   * its name, and no other runtime can get its id prefix, also after a restart with a {@link
   * StateStore}. The caller has to close the {@link RuntimeBackend}.
   *
   * @return fails with an {@link RpcException}, and then nothing has changed: FAILED_PRECONDITION
   *     if it has pods, does not list them, or is the primary; NOT_FOUND if there is none of this
   *     name
   */
  public CompletionStage<Void> remove(BackendName name) {
    return removal().whenEmpty(requireNonNull(name, "name"));
  }

  /**
   * Removes a secondary with or without pods, like {@link #remove}. Lists no longer have its pods,
   * and clients get events of their deletion. The pods may still run.
   *
   * @return fails with an {@link RpcException}: FAILED_PRECONDITION if it is the primary, NOT_FOUND
   *     if there is none of this name
   */
  public CompletionStage<Void> removeByForce(BackendName name) {
    return removal().byForce(requireNonNull(name, "name"));
  }

  /**
   * Removes a secondary as soon as it has no pods, like {@link #remove}. Until then it is part of
   * the router, but new pods for it are refused with UNAVAILABLE.
   *
   * @return completes when it is removed; is cancelled by {@link #keep}; fails with an {@link
   *     RpcException} if it is the primary or if there is none of this name
   */
  public CompletionStage<Void> removeWhenEmpty(BackendName name) {
    return removal().onceEmpty(requireNonNull(name, "name"));
  }

  /**
   * Takes {@link #removeWhenEmpty} back: the secondary gets new pods again.
   *
   * @return false if it does not wait to be removed
   */
  public boolean keep(BackendName name) {
    return removal().keep(requireNonNull(name, "name"));
  }

  private BackendRemoval removal() {
    return new BackendRemoval(backends, scheduler);
  }

  /**
   * Where a pod would go now, and why. Nothing is sent, and no backend is asked: whether it is
   * ready is to be seen in {@link #backends}.
   */
  public PodPlacement explain(PodView pod) {
    return rpcs.explain(requireNonNull(pod, "pod"));
  }

  /**
   * The pod sandboxes, containers and images that are known by this id, or whose id begins with it:
   * the id at the client or at the runtime. The router's memory answers; no runtime is asked. Empty
   * if it knows none. An image can be at several runtimes.
   *
   * @throws IllegalArgumentException if the id is empty
   */
  public List<OwnedObject> owners(String id) {
    if (id.isEmpty()) {
      throw new IllegalArgumentException("name an id, or the first characters of one");
    }
    return known.find(id);
  }

  /**
   * All pod sandboxes, containers and images that are known, runtime by runtime, those included
   * that a runtime which cannot be asked had last. The router's memory answers; no runtime is
   * asked.
   */
  public List<OwnedObject> objects() {
    return known.all();
  }

  @Override
  public RuntimeCall start(CriRequest request, ResponseListener listener) {
    Operation operation = rpcs.operation(request.method());
    ObservedCall observed = observers.observe(request, listener);
    return observed == null
        ? operation.startOrRefuse(request, listener, CallTrace.NONE)
        : operation.startOrRefuse(request, observed, observed);
  }

  @Override
  public String address() {
    return "router";
  }

  /**
   * Stops watching the runtimes, ends event streams and hands unsaved state to the {@link
   * StateStore}. Other calls under way go on.
   */
  @Override
  public void close() {
    backends.all().forEach(backend -> backend.watch().close());
    rpcs.close();
    state.close();
  }

  @Override
  public String toString() {
    return "CriRouter" + backends.all();
  }

  /** Configures a router. Not thread-safe. */
  public static final class Builder {
    private final List<BackendConfig> configs = new ArrayList<>();
    private final List<BackendListener> listeners = new ArrayList<>();
    private final List<CallObserver> observers = new ArrayList<>();
    private RoutingPolicy policy = RoutingPolicy.annotation();
    private IdStrategy ids = IdStrategy.prefixed();
    private ImageStrategy images = ImageStrategy.prefixed();
    private Timeouts timeouts = Timeouts.DEFAULT;
    private final Set<BackendName> expected = new LinkedHashSet<>();
    private final Set<BackendName> forgotten = new LinkedHashSet<>();
    private StateStore store = StateStore.NONE;
    private @Nullable Scheduler scheduler;

    private Builder() {}

    /**
     * The runtime for everything that no policy sends elsewhere. Must be called before {@link
     * #secondary}.
     */
    @CanIgnoreReturnValue
    public Builder primary(BackendName name, RuntimeBackend runtime) {
      return primary(name, runtime, BackendOptions.DEFAULT);
    }

    /** The primary, with options. */
    @CanIgnoreReturnValue
    public Builder primary(BackendName name, RuntimeBackend runtime, BackendOptions options) {
      if (!configs.isEmpty()) {
        throw new IllegalStateException("the primary is named once, before all secondaries");
      }
      return add(name, runtime, options);
    }

    /** One more runtime. */
    @CanIgnoreReturnValue
    public Builder secondary(BackendName name, RuntimeBackend runtime) {
      return secondary(name, runtime, BackendOptions.DEFAULT);
    }

    /** One more runtime, with options. */
    @CanIgnoreReturnValue
    public Builder secondary(BackendName name, RuntimeBackend runtime, BackendOptions options) {
      if (configs.isEmpty()) {
        throw new IllegalStateException("name the primary before runtime " + name);
      }
      return add(name, runtime, options);
    }

    private Builder add(BackendName name, RuntimeBackend runtime, BackendOptions options) {
      BackendConfig added = new BackendConfig(name, configs.isEmpty(), runtime, options);
      configs.forEach(added::requireDifferentFrom);
      configs.add(added);
      return this;
    }

    /**
     * A runtime that is {@linkplain CriRouter#add added} later: the policy may name it. Pods for it
     * are refused until it is added.
     */
    @CanIgnoreReturnValue
    public Builder expect(BackendName name) {
      expected.add(requireNonNull(name, "name"));
      return this;
    }

    /** Decides where new pods and images go; by default {@link RoutingPolicy#annotation()}. */
    @CanIgnoreReturnValue
    public Builder policy(RoutingPolicy value) {
      policy = requireNonNull(value, "policy");
      return this;
    }

    /** How owners of ids are found; by default {@link IdStrategy#prefixed()}. */
    @CanIgnoreReturnValue
    public Builder ids(IdStrategy value) {
      ids = requireNonNull(value, "ids");
      return this;
    }

    /** How images are named; {@link ImageStrategy#prefixed()} by default. */
    @CanIgnoreReturnValue
    public Builder images(ImageStrategy value) {
      images = requireNonNull(value, "images");
      return this;
    }

    /** How long the router waits for runtimes; by default {@link Timeouts#DEFAULT}. */
    @CanIgnoreReturnValue
    public Builder timeouts(Timeouts value) {
      timeouts = requireNonNull(value, "timeouts");
      return this;
    }

    /**
     * Drops the saved state of a runtime, so that its pods are no longer listed and its id prefix
     * is free. For a runtime that is no longer configured and will not return.
     */
    @CanIgnoreReturnValue
    public Builder forget(BackendName name) {
      forgotten.add(requireNonNull(name, "name"));
      return this;
    }

    /**
     * Where state is saved that must survive a restart of the router; by default nothing is saved.
     */
    @CanIgnoreReturnValue
    public Builder stateStore(StateStore value) {
      store = requireNonNull(value, "stateStore");
      return this;
    }

    /** One more listener for changes of the runtimes' states. */
    @CanIgnoreReturnValue
    public Builder listener(BackendListener value) {
      listeners.add(requireNonNull(value, "listener"));
      return this;
    }

    /** One more observer of the clients' calls. Without any, observing costs nothing. */
    @CanIgnoreReturnValue
    public Builder observer(CallObserver value) {
      observers.add(requireNonNull(value, "observer"));
      return this;
    }

    /** The clock and timer; required. */
    @CanIgnoreReturnValue
    public Builder scheduler(Scheduler value) {
      scheduler = requireNonNull(value, "scheduler");
      return this;
    }

    /**
     * The router, watching its runtimes from now on.
     *
     * @throws IllegalStateException if primary or scheduler is missing
     * @throws IllegalArgumentException if two runtimes have the same id prefix, if the policy names
     *     a runtime that is neither configured nor expected, or if the id or image strategy breaks
     *     a rule
     */
    public CriRouter build() {
      if (configs.isEmpty()) {
        throw new IllegalStateException("a router needs a primary(name, backend)");
      }
      if (scheduler == null) {
        throw new IllegalStateException(
            "a router needs a scheduler(...), such as that of EventLoops");
      }
      List<BackendName> names = configs.stream().map(BackendConfig::name).toList();
      PolicyGuard.requireKnownTargets(policy, names, expected);
      return new CriRouter(this);
    }
  }
}
