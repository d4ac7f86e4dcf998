package io.crirouter.core.backend;

import com.google.protobuf.ByteString;
import io.crirouter.core.CriMethod;
import io.crirouter.core.RpcException;
import io.crirouter.core.identity.Translation;
import io.crirouter.core.schema.MethodSchema;
import io.crirouter.core.schema.Schema;
import io.crirouter.core.wire.MalformedMessageException;
import io.crirouter.core.wire.ReferenceTranslator;
import io.crirouter.core.wire.RewritePlan;
import io.crirouter.core.wire.Rewriter;
import io.crirouter.proto.routing.Route;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The messages of every rpc, between the language of the client and one backend's. Immutable. */
final class MessageTranslation {
  private final Translation references;
  private final Map<CriMethod, Plans> plans = new HashMap<>();

  private record Plans(
      @Nullable RewritePlan request,
      ReferenceTranslator toRuntime,
      @Nullable RewritePlan response) {}

  MessageTranslation(Translation references) {
    this.references = references;
    for (MethodSchema method : Schema.cri().methods()) {
      plans.put(
          method.method(),
          new Plans(
              RewritePlan.translating(method.request(), kind -> true),
              method.route() == Route.ALL ? references::filterToRuntime : references::toRuntime,
              RewritePlan.translating(method.response(), references::changesInResponse)));
    }
  }

  Translation references() {
    return references;
  }

  /**
   * A request for the runtime; the same object if nothing changes.
   *
   * @throws RpcException if the request cannot be this backend's
   */
  ByteString request(CriMethod method, ByteString message)
      throws RpcException, MalformedMessageException {
    Plans plan = plans(method);
    return plan.request == null ? message : Rewriter.rewrite(message, plan.request, plan.toRuntime);
  }

  /** How answers to {@code method} are rewritten for the client; null if they are not. */
  @Nullable RewritePlan answerPlan(CriMethod method) {
    return plans(method).response;
  }

  /** An answer for the client; the same object if nothing changes. */
  ByteString answer(CriMethod method, ByteString message)
      throws RpcException, MalformedMessageException {
    RewritePlan plan = answerPlan(method);
    return plan == null ? message : answer(plan, message);
  }

  ByteString answer(RewritePlan plan, ByteString message)
      throws RpcException, MalformedMessageException {
    return Rewriter.rewrite(message, plan, references::toClient);
  }

  private Plans plans(CriMethod method) {
    Plans plan = plans.get(method);
    if (plan == null) {
      throw new IllegalArgumentException("no rpc " + method.name() + " in CRI v1");
    }
    return plan;
  }
}
