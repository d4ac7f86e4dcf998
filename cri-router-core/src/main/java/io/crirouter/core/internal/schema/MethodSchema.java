package io.crirouter.core.internal.schema;

import io.crirouter.proto.routing.Budget;
import io.crirouter.proto.routing.Effect;
import io.crirouter.proto.routing.Merge;
import io.crirouter.proto.routing.Reference;
import io.crirouter.proto.routing.Route;
import io.crirouter.proto.routing.Substitute;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * How the router handles one rpc.
 *
 * @param service {@code RuntimeService} or {@code ImageService}
 * @param name the rpc's name, unique across both services
 * @param serverStreaming whether the response is a stream
 * @param route which backends answer it
 * @param merge how several responses become one
 * @param budget how long a merged response waits for secondaries
 * @param listRpc for a {@code Stream*} rpc the unary rpc with the same filter and items, else empty
 * @param effect how a success updates the inventory of the runtime
 * @param substitute what a secondary is asked instead if it does not implement the rpc
 * @param request the request type
 * @param response the response type
 */
public record MethodSchema(
    String service,
    String name,
    boolean serverStreaming,
    Route route,
    Merge merge,
    Budget budget,
    String listRpc,
    Effect effect,
    Substitute substitute,
    MessageSchema request,
    MessageSchema response) {
  /** The references to objects that one backend has. */
  public static final Set<Reference> IDS = Set.of(Reference.POD_SANDBOX_ID, Reference.CONTAINER_ID);

  /** The name of the unary rpc for the same list: this one, unless it is a {@code Stream*}. */
  public String unaryRpc() {
    return listRpc.isEmpty() ? name : listRpc;
  }

  /** Whether the responses of several backends are merged. */
  public boolean isMerged() {
    return merge != Merge.MERGE_UNSPECIFIED;
  }

  /**
   * The request's singular fields that refer to one of {@code kinds} and so can decide the route.
   */
  public List<FieldPath> requestPaths(Set<Reference> kinds) {
    List<FieldPath> paths = new ArrayList<>();
    request.forEachReference(
        (path, field) -> {
          if (kinds.contains(field.reference()) && !path.isPlural()) {
            paths.add(path);
          }
        });
    return paths;
  }

  /** The path to the id of each item in the list that the response is: its first id. */
  public FieldPath itemId() {
    List<FieldPath> ids = new ArrayList<>();
    response.forEachReference(
        (path, field) -> {
          if (IDS.contains(field.reference())) {
            ids.add(path);
          }
        });
    return ids.get(0);
  }
}
