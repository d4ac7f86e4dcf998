package io.crirouter.core;

import static java.util.Objects.requireNonNull;

import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.internal.backend.Backend;
import io.crirouter.core.internal.backend.BackendConfig;
import io.crirouter.core.internal.backend.Backends;
import io.crirouter.core.internal.inventory.Inventories;
import io.crirouter.core.internal.inventory.Inventory;
import io.crirouter.core.internal.inventory.SavedState;
import io.crirouter.core.internal.naming.FormerNativeIds;
import io.crirouter.core.internal.naming.Ids;
import io.crirouter.core.internal.naming.ImageNames;
import io.crirouter.core.internal.naming.MessageTranslation;
import io.crirouter.core.internal.naming.NativeIds;
import io.crirouter.core.internal.naming.PrefixedIds;
import io.crirouter.core.internal.naming.ReferenceTranslation;
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
import org.jspecify.annotations.Nullable;

/**
 * Several CRI runtimes that look like one. The router is itself a {@link RuntimeBackend}: whatever
 * serves a runtime can serve it, a {@code CriServer} for example.
 *
 * <p>New pods and images go where the {@link RoutingPolicy} says, or else to the primary. Calls
 * about what exists go to its owner, found by the {@link IdStrategy}. Lists, stats, events and
 * status are asked of all runtimes at once and merged.
 *
 * <p>Thread-safe. Never blocks: work is done on the threads that bring calls and answers. Backends
 * and the scheduler stay the caller's; {@link #close} stops watching them but closes none.
 */
public final class CriRouter implements RuntimeBackend, AutoCloseable {
  private static final System.Logger LOG = System.getLogger("io.crirouter");

  private final Scheduler scheduler;
  private final Timeouts timeouts;
  private final SavedState state;
  private final Inventories inventories;
  private final Backends backends;
  private final RpcTable rpcs;

  private CriRouter(Builder builder) {
    scheduler = requireNonNull(builder.scheduler, "scheduler");
    timeouts = builder.timeouts;
    state = new SavedState(builder.store, scheduler);
    boolean idsAreNative = builder.ids instanceof IdStrategy.Native;
    inventories = new Inventories(state, scheduler, idsAreNative);
    builder.forgotten.forEach(inventories::forgetSaved);
    List<Backend> all = new ArrayList<>();
    builder.configs.forEach(config -> all.add(backend(config)));
    for (Inventory unconfigured : inventories.openUnconfigured()) {
      all.add(Backend.unconfigured(unconfigured, inventories, timeouts, scheduler));
    }
    backends = new Backends(all);
    inventories.whenEmptied(backends::dropUnconfigured);
    FormerNativeIds former = new FormerNativeIds(state, idsAreNative, scheduler);
    Ids ids =
        idsAreNative
            ? new NativeIds(backends, inventories)
            : new PrefixedIds(backends, inventories, former);
    ImageNames images = new ImageNames(backends, builder.images);
    backends.useTranslators(
        ids::requireDistinct,
        backend -> new MessageTranslation(new ReferenceTranslation(backend, ids, images)));
    PolicyGuard policy = new PolicyGuard(builder.policy, backends);
    rpcs = new RpcTable(backends, inventories, ids, images, policy, timeouts, scheduler);
    builder.listeners.forEach(this::report);
    for (Backend backend : backends.all()) {
      if (backend.isConfigured()) {
        backend.health().start(rpcs.connectSteps());
      }
    }
    firstContact().thenRun(this::reportUnconfigured);
  }

  private Backend backend(BackendConfig config) {
    return new Backend(config, inventories, timeouts, scheduler);
  }

  /** By now runtimes that only have another name have shown what they have. */
  private void reportUnconfigured() {
    for (Backend backend : backends.secondaries()) {
      if (!backend.isConfigured()) {
        LOG.log(
            System.Logger.Level.ERROR,
            "runtime {0} is not configured any more, but had {1} pod sandboxes: they stay listed,"
                + " and calls about them are refused; configure it again under its name, or drop"
                + " what it had on purpose (forget)",
            backend,
            backend.inventory().sandboxIds().size());
      }
    }
  }

  private void report(BackendListener listener) {
    backends.observe(
        backend ->
            backend.health().onChange(condition -> report(listener, backend.state(condition))));
  }

  private static void report(BackendListener listener, BackendState state) {
    try {
      listener.changed(state);
    } catch (RuntimeException e) {
      LOG.log(
          System.Logger.Level.ERROR,
          "listener " + listener + " failed when it was told of runtime " + state.name(),
          e);
    }
  }

  /** A router that is yet to be told of its runtimes. */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * What the router does with each rpc, as a table for people: route, references that are
   * translated in requests and responses, how answers are merged and what happens if a runtime
   * fails.
   */
  public static String explain() {
    return RouteExplanation.table();
  }

  /**
   * Completes when every runtime has answered or was found to be away, or after {@link
   * Timeouts.Builder#firstContact}: until then lists could lack what a runtime has. Wait for it
   * before serving a client. It completes on the threads of the backends or the scheduler.
   */
  public CompletionStage<Void> firstContact() {
    CompletableFuture<Void> contact =
        CompletableFuture.allOf(
            backends.all().stream()
                .map(backend -> backend.health().firstContact())
                .toArray(CompletableFuture<?>[]::new));
    Runnable stopTimer = scheduler.schedule(timeouts.firstContact(), () -> contact.complete(null));
    return contact.whenComplete((done, failure) -> stopTimer.run());
  }

  /**
   * How each runtime is now, the primary first. A snapshot: it does not change, and two runtimes in
   * it need never have been so at the same moment.
   */
  public List<BackendState> backends() {
    return backends.all().stream()
        .map(backend -> backend.state(backend.health().condition()))
        .toList();
  }

  /**
   * Adds a secondary, which is watched from now on; {@link #firstContact} tells when it has been
   * asked what it has. One that was removed can be added again by the same name and id prefix.
   *
   * @throws IllegalArgumentException if its name or id prefix is another's, or was that of another
   *     that was removed
   */
  public void add(BackendName name, RuntimeBackend runtime, BackendOptions options) {
    Backend backend =
        backends.add(
            new BackendConfig(
                requireNonNull(name, "name"),
                false,
                requireNonNull(runtime, "runtime"),
                requireNonNull(options, "options")),
            this::backend);
    backend.health().start(rpcs.connectSteps());
  }

  /**
   * Removes a secondary that has no pods. One that is ready is asked now, for five seconds at most;
   * of one that is lost it is what it had when it was last heard of that counts. Until the answer
   * is there, new pods for it are refused, and those that are just being created count as its pods.
   *
   * <p>After that no new call is sent to it; calls that are under way end as they would. Ids that
   * were its are answered UNAVAILABLE, naming it, and its id prefix is given to no other runtime.
   * The {@link RuntimeBackend} stays the caller's to close.
   *
   * @return fails with an {@link RpcException}, and then all is as before: FAILED_PRECONDITION if
   *     it has pods, does not say whether it has, or is the primary; NOT_FOUND if there is none of
   *     this name, or not any more
   */
  public CompletionStage<Void> remove(BackendName name) {
    return removal().whenEmpty(requireNonNull(name, "name"));
  }

  /**
   * Removes a secondary whatever it has, as {@link #remove} does one without pods. Its pods are
   * shown no more: lists leave them out, and clients that listen to events hear that they are gone.
   * They may still run.
   *
   * @return fails with an {@link RpcException}: FAILED_PRECONDITION if it is the primary, NOT_FOUND
   *     if there is none of this name, or not any more
   */
  public CompletionStage<Void> removeByForce(BackendName name) {
    return removal().byForce(requireNonNull(name, "name"));
  }

  private BackendRemoval removal() {
    return new BackendRemoval(backends, timeouts.ownQuestions());
  }

  @Override
  public RuntimeCall start(CriRequest request, ResponseListener listener) {
    Operation operation = rpcs.operation(request.method());
    if (operation == null) {
      listener.onClose(
          RpcStatus.of(Code.UNIMPLEMENTED, "CRI v1 has no rpc " + request.method().name()));
      return RuntimeCall.ENDED;
    }
    return operation.startOrRefuse(request, listener);
  }

  @Override
  public String address() {
    return "router";
  }

  /**
   * Stops watching the runtimes, ends streams of events and hands the {@link StateStore} what it
   * has not yet. Other calls that are under way are not touched.
   */
  @Override
  public void close() {
    backends.forEach(backend -> backend.health().close());
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
    private RoutingPolicy policy = RoutingPolicy.annotation();
    private IdStrategy ids = IdStrategy.prefixed();
    private ImageStrategy images = ImageStrategy.NAME_PREFIX;
    private Timeouts timeouts = Timeouts.DEFAULT;
    private final Set<BackendName> forgotten = new LinkedHashSet<>();
    private StateStore store = StateStore.NONE;
    private @Nullable Scheduler scheduler;

    private Builder() {}

    /** The runtime for everything that no policy sends elsewhere; to be named before all others. */
    public Builder primary(BackendName name, RuntimeBackend runtime) {
      return primary(name, runtime, BackendOptions.DEFAULT);
    }

    /** The primary, with options. */
    public Builder primary(BackendName name, RuntimeBackend runtime, BackendOptions options) {
      if (!configs.isEmpty()) {
        throw new IllegalStateException("the primary is named once, before all secondaries");
      }
      return add(name, runtime, options);
    }

    /** One more runtime. */
    public Builder secondary(BackendName name, RuntimeBackend runtime) {
      return secondary(name, runtime, BackendOptions.DEFAULT);
    }

    /** One more runtime, with options. */
    public Builder secondary(BackendName name, RuntimeBackend runtime, BackendOptions options) {
      if (configs.isEmpty()) {
        throw new IllegalStateException("name the primary before runtime " + name);
      }
      return add(name, runtime, options);
    }

    private Builder add(BackendName name, RuntimeBackend runtime, BackendOptions options) {
      requireNonNull(name, "name");
      for (BackendConfig config : configs) {
        if (config.name().equals(name)) {
          throw Backends.sameName(name);
        }
      }
      configs.add(
          new BackendConfig(
              name,
              configs.isEmpty(),
              requireNonNull(runtime, "runtime"),
              requireNonNull(options, "options")));
      return this;
    }

    /** Where new pods and images go; by default {@link RoutingPolicy#annotation()}. */
    public Builder policy(RoutingPolicy value) {
      policy = requireNonNull(value, "policy");
      return this;
    }

    /** How owners are found; {@link IdStrategy#prefixed()} is the default. */
    public Builder ids(IdStrategy value) {
      ids = requireNonNull(value, "ids");
      return this;
    }

    /** How images are named; {@link ImageStrategy#NAME_PREFIX} by default. */
    public Builder images(ImageStrategy value) {
      images = requireNonNull(value, "images");
      return this;
    }

    /** How long runtimes are waited for; by default {@link Timeouts#DEFAULT}. */
    public Builder timeouts(Timeouts value) {
      timeouts = requireNonNull(value, "timeouts");
      return this;
    }

    /**
     * Drops what the {@link StateStore} knows of a runtime, on purpose: its pods are shown no more.
     * For a runtime that is not configured any more and will not come back.
     */
    public Builder forget(BackendName name) {
      forgotten.add(requireNonNull(name, "name"));
      return this;
    }

    /** What survives a restart of the router, and where; by default nothing does. */
    public Builder stateStore(StateStore value) {
      store = requireNonNull(value, "stateStore");
      return this;
    }

    /** One more listener that is told whenever a runtime comes or goes. */
    public Builder listener(BackendListener value) {
      listeners.add(requireNonNull(value, "listener"));
      return this;
    }

    /** The clock and timer; required. */
    public Builder scheduler(Scheduler value) {
      scheduler = requireNonNull(value, "scheduler");
      return this;
    }

    /**
     * The router, watching its runtimes from now on.
     *
     * @throws IllegalStateException if primary or scheduler is missing
     * @throws IllegalArgumentException if two runtimes have the same name or id prefix
     */
    public CriRouter build() {
      if (configs.isEmpty()) {
        throw new IllegalStateException("a router needs a primary");
      }
      if (scheduler == null) {
        throw new IllegalStateException("a router needs a scheduler");
      }
      return new CriRouter(this);
    }
  }
}
