package io.crirouter.core.internal.naming;

import static java.util.Objects.requireNonNull;

import com.google.protobuf.ByteString;
import io.crirouter.core.CriMethod;
import io.crirouter.core.RpcException;
import io.crirouter.core.internal.backend.Backend;
import io.crirouter.core.internal.backend.Translator;
import io.crirouter.core.internal.schema.MethodSchema;
import io.crirouter.core.internal.schema.Schema;
import io.crirouter.core.internal.wire.MalformedMessageException;
import io.crirouter.core.internal.wire.ReferenceTranslator;
import io.crirouter.core.internal.wire.ReferenceTranslator.Replacement;
import io.crirouter.core.internal.wire.RewritePlan;
import io.crirouter.core.internal.wire.Rewriter;
import io.crirouter.proto.routing.Reference;
import io.crirouter.proto.routing.Route;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Translates the messages of every rpc between the client and one backend. Immutable. */
public final class MessageTranslation implements Translator {
  private final Backend backend;
  private final Ids ids;
  private final ImageNames images;
  private final NameSpace clientIds;
  private final NameSpace clientImages;
  private final RuntimeHandlers handlers;
  private final StreamUrls urls;
  private final ReferenceTranslator toClient = this::toClient;
  private final Map<CriMethod, Plans> plans = new HashMap<>();

  private record Plans(
      @Nullable RewritePlan request,
      ReferenceTranslator toRuntime,
      @Nullable RewritePlan response) {}

  /** Translates for {@code backend}. */
  public MessageTranslation(Backend backend, Ids ids, ImageNames images) {
    this.backend = backend;
    this.ids = ids;
    this.images = images;
    this.clientIds = ids.of(backend);
    this.clientImages = images.of(backend);
    this.handlers = new RuntimeHandlers(backend.options().runtimeHandlers());
    this.urls = new StreamUrls(backend.options().streamBaseUrl());
    for (MethodSchema method : Schema.cri().methods()) {
      plans.put(
          CriMethod.of(method.name()),
          new Plans(
              RewritePlan.translating(method.request(), kind -> true),
              method.route() == Route.ALL ? this::filterToRuntime : this::toRuntime,
              RewritePlan.translating(method.response(), this::changesInResponse)));
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

  private Plans plans(CriMethod method) {
    return requireNonNull(plans.get(method));
  }

  @Override
  public String clientId(String runtimesId) throws RpcException {
    return runtimesId.isEmpty() ? runtimesId : clientIds.toClient(runtimesId);
  }

  @Override
  public String runtimesId(String clientId) throws RpcException {
    String id = clientId.isEmpty() ? null : clientIds.toRuntime(clientId);
    return id == null ? clientId : id;
  }

  @Override
  public String clientHandler(String handler) {
    return handlers.toClient(handler);
  }

  /** Whether references of this kind can change in the backend's responses. */
  private boolean changesInResponse(Reference kind) {
    return switch (kind) {
      case POD_SANDBOX_ID, CONTAINER_ID -> !clientIds.isUnchanged();
      case IMAGE_REF -> !clientImages.isUnchanged();
      case RUNTIME_HANDLER -> !handlers.areUnchanged();
      case STREAM_URL -> true;
      default -> false;
    };
  }

  private void toRuntime(Reference kind, byte[] buffer, int start, int end, Replacement replacement)
      throws RpcException {
    switch (kind) {
      case POD_SANDBOX_ID, CONTAINER_ID ->
          ids.toRuntime(kind, backend, buffer, start, end, replacement);
      case IMAGE_REF -> images.toRuntime(backend, buffer, start, end, replacement);
      case RUNTIME_HANDLER -> handlers.toRuntime(buffer, start, end, replacement);
      default -> {}
    }
  }

  /** Translates a reference in the filter of a list that several backends answer. */
  private void filterToRuntime(
      Reference kind, byte[] buffer, int start, int end, Replacement replacement)
      throws RpcException {
    switch (kind) {
      case POD_SANDBOX_ID, CONTAINER_ID ->
          ids.filterToRuntime(kind, backend, buffer, start, end, replacement);
      default -> toRuntime(kind, buffer, start, end, replacement);
    }
  }

  private void toClient(Reference kind, byte[] buffer, int start, int end, Replacement replacement)
      throws RpcException {
    switch (kind) {
      case POD_SANDBOX_ID, CONTAINER_ID -> {
        if (end > start) {
          clientIds.toClient(buffer, start, end, replacement);
        }
      }
      case IMAGE_REF -> {
        if (end > start && !ImageNames.isId(buffer, start, end)) {
          clientImages.toClient(buffer, start, end, replacement);
        }
      }
      case RUNTIME_HANDLER -> handlers.toClient(buffer, start, end, replacement);
      case STREAM_URL -> urls.toClient(buffer, start, end, replacement);
      default -> {}
    }
  }
}
