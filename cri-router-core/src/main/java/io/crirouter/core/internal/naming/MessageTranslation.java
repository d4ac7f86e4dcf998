package io.crirouter.core.internal.naming;

import com.google.protobuf.ByteString;
import io.crirouter.core.CriMethod;
import io.crirouter.core.RpcException;
import io.crirouter.core.internal.backend.Translator;
import io.crirouter.core.internal.schema.MethodSchema;
import io.crirouter.core.internal.schema.Schema;
import io.crirouter.core.internal.wire.MalformedMessageException;
import io.crirouter.core.internal.wire.ReferenceTranslator;
import io.crirouter.core.internal.wire.RewritePlan;
import io.crirouter.core.internal.wire.Rewriter;
import io.crirouter.proto.routing.Route;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Translates the messages of every rpc between the client and one backend. Immutable. */
public final class MessageTranslation implements Translator {
  private final ReferenceTranslation references;
  private final ReferenceTranslator toClient;
  private final Map<CriMethod, Plans> plans = new HashMap<>();

  private record Plans(
      @Nullable RewritePlan request,
      ReferenceTranslator toRuntime,
      @Nullable RewritePlan response) {}

  /** Translates messages by {@code references}. */
  public MessageTranslation(ReferenceTranslation references) {
    this.references = references;
    this.toClient = references::toClient;
    for (MethodSchema method : Schema.cri().methods()) {
      plans.put(
          CriMethod.of(method.name()),
          new Plans(
              RewritePlan.translating(method.request(), kind -> true),
              method.route() == Route.ALL ? references::filterToRuntime : references::toRuntime,
              RewritePlan.translating(method.response(), references::changesInResponse)));
    }
  }

  @Override
  public ByteString request(CriMethod method, ByteString message)
      throws RpcException, MalformedMessageException {
    Plans plan = plans(method);
    return plan.request == null ? message : Rewriter.rewrite(message, plan.request, plan.toRuntime);
  }

  @Override
  public ByteString answer(CriMethod method, ByteString message)
      throws RpcException, MalformedMessageException {
    RewritePlan plan = plans(method).response;
    return plan == null ? message : Rewriter.rewrite(message, plan, toClient);
  }

  @Override
  public String clientId(String runtimesId) throws RpcException {
    return references.clientId(runtimesId);
  }

  @Override
  public String runtimesId(String clientId) throws RpcException {
    return references.runtimesId(clientId);
  }

  @Override
  public String clientHandler(String handler) {
    return references.handlers().toClient(handler);
  }

  private Plans plans(CriMethod method) {
    Plans plan = plans.get(method);
    if (plan == null) {
      throw new IllegalArgumentException("no rpc " + method.name() + " in CRI v1");
    }
    return plan;
  }
}
