package io.crirouter.core.schema;

import io.crirouter.core.CriMethod;
import io.crirouter.proto.routing.Budget;
import io.crirouter.proto.routing.Merge;
import io.crirouter.proto.routing.Reference;
import io.crirouter.proto.routing.Route;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Everything the router knows about one rpc.
 *
 * @param method the rpc
 * @param route which backend answers it
 * @param merge how several answers become one
 * @param budget how long a secondary may keep a merged answer waiting
 * @param listRpc for a {@code Stream*} rpc the unary rpc with the same filter and items, else empty
 * @param request the request type
 * @param response the response type
 */
public record MethodSchema(
    CriMethod method,
    Route route,
    Merge merge,
    Budget budget,
    String listRpc,
    MessageSchema request,
    MessageSchema response) {

  /** The rpc's name. */
  public String name() {
    return method.name();
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
