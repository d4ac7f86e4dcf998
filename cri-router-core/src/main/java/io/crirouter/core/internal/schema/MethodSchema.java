package io.crirouter.core.internal.schema;

import io.crirouter.proto.routing.Budget;
import io.crirouter.proto.routing.Effect;
import io.crirouter.proto.routing.Merge;
import io.crirouter.proto.routing.Reference;
import io.crirouter.proto.routing.Route;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Everything the router knows about one rpc.
 *
 * @param service {@code RuntimeService} or {@code ImageService}
 * @param name the rpc's name, unique across both services
 * @param serverStreaming whether the answer is a stream rather than one message
 * @param route which backend answers it
 * @param merge how several answers become one
 * @param budget how long a secondary may keep a merged answer waiting
 * @param listRpc for a {@code Stream*} rpc the unary rpc with the same filter and items, else empty
 * @param effect what a success shows about what the runtime has
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
    MessageSchema request,
    MessageSchema response) {

  /** The name of the unary rpc that asks for the same: itself, unless it is a {@code Stream*}. */
  public String unaryRpc() {
    return listRpc.isEmpty() ? name : listRpc;
  }

  /** Whether the answers of several backends become one. */
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
}
