package io.crirouter.core.internal.rpc;

import static java.util.Objects.requireNonNull;

import io.crirouter.core.CallRoute.Rule;
import io.crirouter.core.CriMethod;
import io.crirouter.core.CriRequest;
import io.crirouter.core.PodPlacement;
import io.crirouter.core.PodView;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcException;
import io.crirouter.core.RuntimeCall;
import io.crirouter.core.Scheduler;
import io.crirouter.core.Timeouts;
import io.crirouter.core.internal.backend.Backends;
import io.crirouter.core.internal.backend.ConnectStep;
import io.crirouter.core.internal.events.MergedEvents;
import io.crirouter.core.internal.inventory.Inventories;
import io.crirouter.core.internal.merging.AskAll;
import io.crirouter.core.internal.merging.FanOuts;
import io.crirouter.core.internal.merging.Merges;
import io.crirouter.core.internal.naming.Ids;
import io.crirouter.core.internal.naming.ImageNames;
import io.crirouter.core.internal.node.CgroupDrivers;
import io.crirouter.core.internal.node.NodeStatus;
import io.crirouter.core.internal.node.RequiredFeatures;
import io.crirouter.core.internal.node.RuntimeConfigUpdates;
import io.crirouter.core.internal.observation.CallTrace;
import io.crirouter.core.internal.routing.PolicyGuard;
import io.crirouter.core.internal.routing.Routing;
import io.crirouter.core.internal.schema.FieldPath;
import io.crirouter.core.internal.schema.MethodSchema;
import io.crirouter.core.internal.schema.Schema;
import io.crirouter.core.internal.wire.MalformedMessageException;
import io.crirouter.core.internal.wire.RoutingField;
import io.crirouter.proto.routing.Effect;
import io.crirouter.proto.routing.Merge;
import io.crirouter.proto.routing.Reference;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The operation of each rpc, derived from the schema. Every call enters here. Immutable, except for
 * the state of the operations.
 */
public final class RpcTable {
  private final Backends backends;
  private final Ids ids;
  private final ImageNames images;
  private final FanOuts fanOuts;
  private final Routing routing;
  private final ImageLookup imageLookup;
  private final ImageRemoval imageRemoval;
  private final CgroupDrivers cgroupDrivers;
  private final NodeStatus nodeStatus;
  private final MergedEvents events;
  private final Merges merges;
  private final RequiredFeatures features;
  private final RuntimeConfigUpdates runtimeConfig;
  private final Map<CriMethod, Operation> operations = new HashMap<>();

  /** The operations of a router with these backends. */
  public RpcTable(
      Backends backends,
      Inventories inventories,
      Ids ids,
      ImageNames images,
      PolicyGuard policy,
      Timeouts timeouts,
      Scheduler scheduler) {
    this.backends = backends;
    this.ids = ids;
    this.images = images;
    this.fanOuts = new FanOuts(timeouts, scheduler);
    this.routing = new Routing(backends, policy, inventories);
    this.imageLookup = new ImageLookup(routing, images, fanOuts, scheduler);
    this.imageRemoval = new ImageRemoval(images, fanOuts);
    this.cgroupDrivers = new CgroupDrivers(backends);
    this.nodeStatus = new NodeStatus(backends, policy, cgroupDrivers);
    this.events = new MergedEvents(backends, scheduler);
    this.merges = new Merges(backends, inventories.idsAreNative());
    this.features = new RequiredFeatures(nodeStatus);
    this.runtimeConfig =
        new RuntimeConfigUpdates(backends, inventories.state(), fanOuts, scheduler);
    backends.whenLeft(imageLookup::forget);
    for (MethodSchema method : Schema.cri().methods()) {
      operations.put(CriMethod.of(method.name()), operation(method));
    }
  }

  /** The operation of {@code method}. */
  public Operation operation(CriMethod method) {
    return requireNonNull(operations.get(method));
  }

  /**
   * The steps that run at each backend that has listed what it has, before it is ready. The runtime
   * config comes last, because it can change meanwhile.
   */
  public List<ConnectStep> connectSteps() {
    return List.of(
        nodeStatus::learn, cgroupDrivers::learn, merges::learnMetrics, runtimeConfig::replay);
  }

  /** Where a pod would go now. */
  public PodPlacement explain(PodView pod) {
    return routing.explain(pod);
  }

  /** Ends event streams and timers. */
  public void close() {
    events.close();
    runtimeConfig.close();
  }

  private Operation operation(MethodSchema method) {
    return switch (method.route()) {
      case PRIMARY -> method.merge() == Merge.STATUS ? nodeStatus::status : this::callPrimary;
      case PLACEMENT -> new PodCreation(method, routing, features);
      case POD_SANDBOX -> byOwner(method, Reference.POD_SANDBOX_ID);
      case CONTAINER -> byOwner(method, Reference.CONTAINER_ID);
      case IMAGE ->
          switch (method.merge()) {
            case IMAGE_STATUS -> imageLookup::status;
            case REMOVE_IMAGE -> imageRemoval::remove;
            default -> imageLookup::pull;
          };
      case ALL ->
          switch (method.merge()) {
            case EVENTS -> events::start;
            case BROADCAST -> runtimeConfig::update;
            default -> new AskAll(method, backends, ids, images, fanOuts, merges.of(method))::start;
          };
      default -> throw new IllegalStateException("no route for " + method.name());
    };
  }

  private RuntimeCall callPrimary(CriRequest request, ResponseListener listener, CallTrace trace)
      throws RpcException, MalformedMessageException {
    trace.routed(Rule.PRIMARY_ONLY, backends.primary().name(), "");
    return backends.primary().call(request, listener, trace);
  }

  private Operation byOwner(MethodSchema method, Reference kind) {
    List<FieldPath> paths =
        method.requestPaths(Set.of(kind)).stream()
            .filter(path -> path.fields().size() == 1)
            .toList();
    if (paths.size() != 1) {
      throw new IllegalStateException(method.name() + " has no single field to route by: " + paths);
    }
    RoutingField field = new RoutingField(paths.get(0));
    if (method.effect() == Effect.SHOWS_CONTAINER) {
      return new StatusByOwner(field, ids);
    }
    return new CallByOwner(
        field,
        ids,
        method.effect() == Effect.CREATES_CONTAINER
            ? features::requireForContainer
            : CallByOwner.Check.NONE);
  }
}
