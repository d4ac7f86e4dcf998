package io.crirouter.core;

import com.google.protobuf.ByteString;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.internal.schema.MethodSchema;
import io.crirouter.core.internal.schema.Schema;
import io.crirouter.core.internal.wire.MalformedMessageException;
import io.crirouter.core.internal.wire.RewritePlan;
import io.crirouter.core.internal.wire.Rewriter;
import java.util.HashMap;
import java.util.Map;

/**
 * What stands between CRI v1 and its predecessor v1alpha2, the last release of which was Kubernetes
 * 1.25. Every field of v1alpha2 has the same number and wire type in v1, so that responses and the
 * requests of old clients pass as they are. A v1 request can say more than an old runtime
 * understands: what is harmless to leave out is left out, the rest is refused, never weakened in
 * silence.
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
   * Makes a v1 request fit for a runtime that speaks v1alpha2 only.
   *
   * @return {@code request} itself if it is fit as it is
   * @throws RpcException FAILED_PRECONDITION if it asks for something that v1alpha2 cannot say;
   *     INVALID_ARGUMENT if it is malformed
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
