package io.crirouter.core.internal.naming;

import io.crirouter.core.BackendName;
import io.crirouter.core.OwnedObject;
import io.crirouter.core.RpcException;
import io.crirouter.core.internal.backend.Backend;
import io.crirouter.core.internal.backend.Backends;
import io.crirouter.core.internal.inventory.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Finds objects in the inventories for people who have an id. Thread-safe. */
public final class KnownObjects {
  private static final String DIGEST = "sha256:";

  private final Backends backends;

  /** The objects of these backends. */
  public KnownObjects(Backends backends) {
    this.backends = backends;
  }

  /** The objects whose id at the client or at the runtime is {@code id} or begins with it. */
  public List<OwnedObject> find(String id) {
    List<OwnedObject> found = new ArrayList<>();
    for (Backend backend : backends.all()) {
      for (Kind kind : Kind.values()) {
        matches(backend, kind, id)
            .forEach((whole, state) -> found.add(object(backend, kind, whole, state)));
      }
    }
    return List.copyOf(found);
  }

  /** The states of the matching objects by their ids at the runtime. */
  private static Map<String, String> matches(Backend backend, Kind kind, String id) {
    Map<String, String> all = backend.inventory().states(kind);
    all.keySet().removeIf(whole -> !isCalled(backend, kind, whole, id));
    return all;
  }

  private static boolean isCalled(Backend backend, Kind kind, String whole, String id) {
    return whole.startsWith(id)
        || (kind == Kind.IMAGE
            ? whole.startsWith(DIGEST + id)
            : clientId(backend, whole).startsWith(id));
  }

  private static OwnedObject object(Backend backend, Kind kind, String id, String state) {
    return new Known(
        backend.name(),
        publicKind(kind),
        id,
        kind == Kind.IMAGE ? id : clientId(backend, id),
        state,
        !backend.health().isReady());
  }

  private static String clientId(Backend backend, String id) {
    try {
      return backend.translator().clientId(id);
    } catch (RpcException e) {
      return id;
    }
  }

  private static OwnedObject.Kind publicKind(Kind kind) {
    return switch (kind) {
      case POD_SANDBOX -> OwnedObject.Kind.POD_SANDBOX;
      case CONTAINER -> OwnedObject.Kind.CONTAINER;
      case IMAGE -> OwnedObject.Kind.IMAGE;
    };
  }

  private record Known(
      BackendName backend,
      OwnedObject.Kind kind,
      String runtimeId,
      String clientId,
      String state,
      boolean isLastKnown)
      implements OwnedObject {}
}
