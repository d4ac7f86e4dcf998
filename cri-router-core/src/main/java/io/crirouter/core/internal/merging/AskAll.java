package io.crirouter.core.internal.merging;

import com.google.protobuf.ByteString;
import io.crirouter.core.CallRoute.Rule;
import io.crirouter.core.CriRequest;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcException;
import io.crirouter.core.RuntimeCall;
import io.crirouter.core.internal.backend.Backend;
import io.crirouter.core.internal.backend.Backends;
import io.crirouter.core.internal.call.PacedDelivery;
import io.crirouter.core.internal.naming.Ids;
import io.crirouter.core.internal.naming.ImageNames;
import io.crirouter.core.internal.observation.CallTrace;
import io.crirouter.core.internal.schema.FieldPath;
import io.crirouter.core.internal.schema.MethodSchema;
import io.crirouter.core.internal.wire.MalformedMessageException;
import io.crirouter.core.internal.wire.RoutingField;
import io.crirouter.proto.routing.Budget;
import io.crirouter.proto.routing.Reference;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * An rpc that all backends answer. With a filter by id or image only those are called that can
 * match.
 */
public final class AskAll {
  private final Backends backends;
  private final Ids ids;
  private final ImageNames images;
  private final FanOuts fanOuts;
  private final Merge merge;
  private final Budget budget;
  private final List<RoutingField> idFilters;
  private final List<RoutingField> imageFilters;

  /** Calls {@code method} at all backends and merges their responses. */
  public AskAll(
      MethodSchema method,
      Backends backends,
      Ids ids,
      ImageNames images,
      FanOuts fanOuts,
      Merge merge) {
    this.backends = backends;
    this.ids = ids;
    this.images = images;
    this.fanOuts = fanOuts;
    this.merge = merge;
    this.budget = method.budget();
    this.idFilters = fields(method, MethodSchema.IDS);
    this.imageFilters = fields(method, Set.of(Reference.IMAGE_REF)).stream().limit(1).toList();
  }

  private static List<RoutingField> fields(MethodSchema method, Set<Reference> kinds) {
    List<FieldPath> paths = method.requestPaths(kinds);
    return paths.stream().map(RoutingField::new).toList();
  }

  /** Starts a call. */
  public RuntimeCall start(CriRequest request, ResponseListener listener, CallTrace trace)
      throws RpcException, MalformedMessageException {
    List<Backend> asked = matching(request.message());
    trace.routed(Rule.ALL, asked, Backend::name, "");
    if (asked.isEmpty()) {
      return answerNothing(request, listener);
    }
    // Pods of secondaries must be listed even if the primary is lost.
    boolean lastKnownOfLostPrimary = budget == Budget.PODS && backends.secondariesHavePods();
    if (asked.size() == 1 && !lastKnownOfLostPrimary && needsNoMerge(asked.get(0))) {
      return asked.get(0).call(request, listener, trace);
    }
    Plan plan = new Plan(merge, budget, lastKnownOfLostPrimary);
    return fanOuts.start(request, asked, plan, listener, trace);
  }

  /** Whether the response of this one backend can be passed on as it is. */
  private boolean needsNoMerge(Backend alone) {
    boolean pinsByOptions =
        merge instanceof MergeImages && !alone.options().pinnedImages().isEmpty();
    return alone.isPrimary() && !pinsByOptions;
  }

  /** The backends that can have what the request asks for. */
  private List<Backend> matching(ByteString request)
      throws RpcException, MalformedMessageException {
    List<Backend> matching = new ArrayList<>(backends.all());
    for (RoutingField filter : idFilters) {
      matching.retainAll(ids.candidates(filter.reference(), filter.read(request)));
    }
    for (RoutingField filter : imageFilters) {
      matching.retainAll(images.candidates(filter.read(request)));
    }
    matching.removeIf(backend -> !backend.hasContent());
    return matching;
  }

  private static RuntimeCall answerNothing(CriRequest request, ResponseListener listener) {
    return PacedDelivery.of(
        request.method().serverStreaming() ? List.of() : List.of(ByteString.EMPTY), listener);
  }
}
