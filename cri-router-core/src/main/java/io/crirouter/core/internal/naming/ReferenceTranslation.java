package io.crirouter.core.internal.naming;

import io.crirouter.core.RpcException;
import io.crirouter.core.internal.backend.Backend;
import io.crirouter.core.internal.wire.ReferenceTranslator.Replacement;
import io.crirouter.proto.routing.Reference;

/** Every kind of reference, between the client and one backend. Immutable. */
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

  /** The id by which the client knows what the backend calls {@code runtimesId}. */
  public String clientId(String runtimesId) {
    return ids.toClient(backend, runtimesId);
  }

  /** Whether references of this kind can differ in the backend's answers. */
  public boolean changesInResponse(Reference kind) {
    return switch (kind) {
      case POD_SANDBOX_ID, CONTAINER_ID -> !ids.areUnchanged(backend);
      case IMAGE_REF -> !images.areUnchanged(backend);
      case RUNTIME_HANDLER -> !handlers.areUnchanged();
      case STREAM_URL -> true;
      default -> false;
    };
  }

  /** Towards the runtime. */
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

  /** Towards the runtime, in the filter of a list of which several backends may have a part. */
  public void filterToRuntime(
      Reference kind, byte[] buffer, int start, int end, Replacement replacement)
      throws RpcException {
    switch (kind) {
      case POD_SANDBOX_ID, CONTAINER_ID ->
          ids.filterToRuntime(kind, backend, buffer, start, end, replacement);
      default -> toRuntime(kind, buffer, start, end, replacement);
    }
  }

  /** Towards the client. */
  public void toClient(Reference kind, byte[] buffer, int start, int end, Replacement replacement) {
    switch (kind) {
      case POD_SANDBOX_ID, CONTAINER_ID -> ids.toClient(backend, buffer, start, end, replacement);
      case IMAGE_REF -> images.toClient(backend, buffer, start, end, replacement);
      case RUNTIME_HANDLER -> handlers.toClient(buffer, start, end, replacement);
      case STREAM_URL -> urls.toClient(buffer, start, end, replacement);
      default -> {}
    }
  }
}
