package io.crirouter.core.internal.versions;

import com.google.protobuf.ByteString;
import io.crirouter.core.CriMethod;
import io.crirouter.core.RpcException;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.internal.schema.MethodSchema;
import io.crirouter.core.internal.schema.Schema;
import io.crirouter.core.internal.wire.MalformedMessageException;
import io.crirouter.core.internal.wire.RewritePlan;
import io.crirouter.core.internal.wire.Rewriter;
import java.util.HashMap;
import java.util.Map;

/**
 * Converts CRI v1 requests to v1alpha2, which Kubernetes supported up to 1.25. Every field of
 * v1alpha2 has the same number and wire type in v1, so that responses and the requests of old
 * clients pass as they are. A v1 request can have fields that an old runtime does not know. Those
 * that are harmless to drop are dropped; a request with any other is refused.
 */
public final class V1Alpha2 {
  private static final Map<CriMethod, RewritePlan> PLANS = plans();

  private V1Alpha2() {}

  private static Map<CriMethod, RewritePlan> plans() {
    Map<CriMethod, RewritePlan> plans = new HashMap<>();
    for (MethodSchema method : Schema.cri().methods()) {
      RewritePlan plan = RewritePlan.downgrading(method.request());
      if (plan != null) {
        plans.put(CriMethod.of(method.name()), plan);
      }
    }
    return Map.copyOf(plans);
  }

  /**
   * Converts a v1 request for a runtime that speaks only v1alpha2.
   *
   * @return {@code request} itself if nothing changes
   * @throws RpcException FAILED_PRECONDITION if it has a field that v1alpha2 lacks and that cannot
   *     be dropped; INVALID_ARGUMENT if it is malformed
   */
  public static ByteString downgrade(CriMethod method, ByteString request) throws RpcException {
    RewritePlan plan = PLANS.get(method);
    if (plan == null) {
      return request;
    }
    try {
      return Rewriter.rewrite(request, plan);
    } catch (MalformedMessageException e) {
      throw new RpcException(
          Code.INVALID_ARGUMENT, "malformed " + method.name() + " request: " + e.getMessage());
    }
  }
}
