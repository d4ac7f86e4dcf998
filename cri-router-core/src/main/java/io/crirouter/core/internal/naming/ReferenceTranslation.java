package io.crirouter.core.internal.naming;

import io.crirouter.core.RpcException;
import io.crirouter.core.internal.backend.Backend;
import io.crirouter.core.internal.wire.ReferenceTranslator.Replacement;
import io.crirouter.proto.routing.Reference;

/** Translates each kind of reference between the client and one backend. Immutable. */
public final class ReferenceTranslation {
  private final Backend backend;
  private final Ids ids;
  private final ImageNames images;
  private final RuntimeHandlers handlers;
  private final StreamUrls urls;

  /** Translates for {@code backend}. */
  public ReferenceTranslation(Backend backend, Ids ids, ImageNames images) {
    this.backend = backend;
    this.ids = ids;
    this.images = images;
    this.handlers = new RuntimeHandlers(backend.options().runtimeHandlers());
    this.urls = new StreamUrls(backend.options().streamBaseUrl());
  }

  /** This backend's runtime handlers. */
  public RuntimeHandlers handlers() {
    return handlers;
  }

  /** The client's id of the object whose id at the backend is {@code runtimesId}. */
  public String clientId(String runtimesId) throws RpcException {
    return ids.toClient(backend, runtimesId);
  }

  /** The id at the backend of the object whose id for the client is {@code clientId}. */
  public String runtimesId(String clientId) throws RpcException {
    return ids.toRuntime(backend, clientId);
  }

  /** Whether references of this kind can change in the backend's responses. */
  public boolean changesInResponse(Reference kind) {
    return switch (kind) {
      case POD_SANDBOX_ID, CONTAINER_ID -> !ids.areUnchanged(backend);
      case IMAGE_REF -> !images.areUnchanged(backend);
      case RUNTIME_HANDLER -> !handlers.areUnchanged();
      case STREAM_URL -> true;
      default -> false;
    };
  }

  /** Translates a reference in a request. */
  public void toRuntime(Reference kind, byte[] buffer, int start, int end, Replacement replacement)
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
  public void filterToRuntime(
      Reference kind, byte[] buffer, int start, int end, Replacement replacement)
      throws RpcException {
    switch (kind) {
      case POD_SANDBOX_ID, CONTAINER_ID ->
          ids.filterToRuntime(kind, backend, buffer, start, end, replacement);
      default -> toRuntime(kind, buffer, start, end, replacement);
    }
  }

  /** Translates a reference in a response. */
  public void toClient(Reference kind, byte[] buffer, int start, int end, Replacement replacement)
      throws RpcException {
    switch (kind) {
      case POD_SANDBOX_ID, CONTAINER_ID -> ids.toClient(backend, buffer, start, end, replacement);
      case IMAGE_REF -> images.toClient(backend, buffer, start, end, replacement);
      case RUNTIME_HANDLER -> handlers.toClient(buffer, start, end, replacement);
      case STREAM_URL -> urls.toClient(buffer, start, end, replacement);
      default -> {}
    }
  }
}
