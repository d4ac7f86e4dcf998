package io.crirouter.core.route;

import io.crirouter.core.Budgets;
import io.crirouter.core.CriMethod;
import io.crirouter.core.RoutingPolicy;
import io.crirouter.core.Scheduler;
import io.crirouter.core.backend.Backend;
import io.crirouter.core.backend.Backends;
import io.crirouter.core.backend.Health;
import io.crirouter.core.events.MergedEvents;
import io.crirouter.core.identity.Ids;
import io.crirouter.core.identity.ImageNames;
import io.crirouter.core.image.ImageRemoval;
import io.crirouter.core.image.ImageRoutes;
import io.crirouter.core.merge.AskAll;
import io.crirouter.core.merge.CgroupDrivers;
import io.crirouter.core.merge.Merges;
import io.crirouter.core.merge.NodeStatus;
import io.crirouter.core.merge.RuntimeConfigReplay;
import io.crirouter.core.schema.FieldPath;
import io.crirouter.core.schema.MethodSchema;
import io.crirouter.core.schema.Schema;
import io.crirouter.core.state.Memory;
import io.crirouter.core.wire.RoutingField;
import io.crirouter.proto.routing.Budget;
import io.crirouter.proto.routing.Merge;
import io.crirouter.proto.routing.Reference;
import io.crirouter.proto.v1.RestorePodRequest;
import io.crirouter.proto.v1.RestorePodResponse;
import io.crirouter.proto.v1.RunPodSandboxRequest;
import io.crirouter.proto.v1.RunPodSandboxResponse;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Every rpc with its operation, derived from the schema. Immutable. */
public final class RouteTable {
  private static final Map<String, PlacementRoute.Fields> PLACEMENT_FIELDS =
      Map.of(
          "RunPodSandbox",
          new PlacementRoute.Fields(
              RunPodSandboxRequest.CONFIG_FIELD_NUMBER,
              RunPodSandboxRequest.RUNTIME_HANDLER_FIELD_NUMBER,
              RunPodSandboxResponse.POD_SANDBOX_ID_FIELD_NUMBER),
          "RestorePod",
          new PlacementRoute.Fields(
              RestorePodRequest.CONFIG_FIELD_NUMBER,
              RestorePodRequest.RUNTIME_HANDLER_FIELD_NUMBER,
              RestorePodResponse.POD_SANDBOX_ID_FIELD_NUMBER));

  private final Backends backends;
  private final Ids ids;
  private final ImageNames images;
  private final Budgets budgets;
  private final Scheduler scheduler;
  private final Placements placements;
  private final Whose whose;
  private final ImageRoutes imageRoutes;
  private final ImageRemoval imageRemoval;
  private final CgroupDrivers cgroupDrivers;
  private final NodeStatus nodeStatus;
  private final MergedEvents events;
  private final Merges merges;
  private final RequiredFeatures features;
  private final RuntimeConfigReplay runtimeConfig;
  private final Map<CriMethod, Operation> operations = new HashMap<>();

  /** The operations of a router between {@code backends}. */
  public RouteTable(
      Backends backends,
      Ids ids,
      ImageNames images,
      RoutingPolicy policy,
      Budgets budgets,
      Memory memory,
      Scheduler scheduler) {
    this.backends = backends;
    this.placements = new Placements(backends, memory, scheduler);
    this.ids = ids;
    this.images = images;
    this.budgets = budgets;
    this.scheduler = scheduler;
    this.whose = new Whose(backends, policy, placements, images);
    this.imageRoutes = new ImageRoutes(whose, images, budgets.bulk(), scheduler);
    this.imageRemoval = new ImageRemoval(images, scheduler);
    this.cgroupDrivers = new CgroupDrivers(backends);
    this.nodeStatus = new NodeStatus(backends, policy, cgroupDrivers);
    this.events = new MergedEvents(backends, scheduler);
    this.merges = new Merges(backends);
    this.features = new RequiredFeatures(nodeStatus);
    this.runtimeConfig =
        new RuntimeConfigReplay(all(Schema.cri().require("UpdateRuntimeConfig")), memory);
    backends.observe(new Members());
    Schema.cri().methods().forEach(method -> operations.put(method.method(), operation(method)));
  }

  /** What to do with calls of {@code method}, or null if there is no such rpc. */
  public @Nullable Operation operation(CriMethod method) {
    return operations.get(method);
  }

  /** What to do with each backend that has come (back), before it counts as ready. */
  public List<Health.ConnectStep> connectSteps() {
    return List.of(
        runtimeConfig::replay,
        this::learnLists,
        nodeStatus::learn,
        cgroupDrivers::learn,
        merges::learnMetrics);
  }

  /** Forgets what was kept of backends that were removed. */
  private final class Members implements Backends.Observer {
    @Override
    public void joined(Backend backend) {}

    @Override
    public void left(Backend backend) {
      placements.forget(backend);
      imageRoutes.forget(backend);
    }
  }

  /** Takes backends out of the router. */
  public BackendRemoval removal() {
    return new BackendRemoval(backends, placements);
  }

  private void learnLists(Backend backend, Runnable next) {
    backend
        .lists()
        .learnAll(
            () -> {
              placements.learn(backend);
              next.run();
            });
  }

  private Operation operation(MethodSchema method) {
    return switch (method.route()) {
      case PRIMARY ->
          method.merge() == Merge.STATUS ? nodeStatus::status : backends.primary()::call;
      case PLACEMENT -> placement(method);
      case POD_SANDBOX -> byOwner(method, Reference.POD_SANDBOX_ID);
      case CONTAINER -> byOwner(method, Reference.CONTAINER_ID);
      case IMAGE -> image(method);
      case ALL ->
          switch (method.merge()) {
            case EVENTS -> events::start;
            case BROADCAST -> runtimeConfig::update;
            default -> all(method)::start;
          };
      default -> throw new IllegalStateException("no route for " + method.name());
    };
  }

  private Operation placement(MethodSchema method) {
    PlacementRoute.Fields fields = PLACEMENT_FIELDS.get(method.name());
    if (fields == null) {
      throw new IllegalStateException("no placement fields for " + method.name());
    }
    return new PlacementRoute(fields, whose, placements, features, scheduler);
  }

  private Operation byOwner(MethodSchema method, Reference kind) {
    List<FieldPath> paths =
        method.requestPaths(Set.of(kind)).stream()
            .filter(path -> path.fields().size() == 1)
            .toList();
    if (paths.size() != 1) {
      throw new IllegalStateException(method.name() + " has no one field to route by: " + paths);
    }
    RoutingField field = new RoutingField(paths.get(0));
    return switch (method.name()) {
      case "RemovePodSandbox" -> new SandboxRemoval(field, ids, placements);
      case "CreateContainer" -> new ContainerCreation(field, ids, features);
      default -> new OwnerRoute(field, ids);
    };
  }

  private Operation image(MethodSchema method) {
    return switch (method.merge()) {
      case IMAGE_STATUS -> imageRoutes::status;
      case REMOVE_IMAGE -> imageRemoval::remove;
      default -> imageRoutes::pull;
    };
  }

  private AskAll all(MethodSchema method) {
    return new AskAll(
        method, backends, ids, images, merges.of(method), budget(method.budget()), scheduler);
  }

  private Optional<Duration> budget(Budget budget) {
    return switch (budget) {
      case PODS -> Optional.of(budgets.pods());
      case BULK -> Optional.of(budgets.bulk());
      default -> Optional.empty();
    };
  }
}
