package io.crirouter.core.internal.naming;

import io.crirouter.core.BackendName;
import io.crirouter.core.OwnedObject;
import io.crirouter.core.internal.backend.Backend;
import io.crirouter.core.internal.backend.Backends;
import io.crirouter.core.internal.inventory.InventoryObject;
import io.crirouter.core.internal.inventory.Kind;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiPredicate;

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
    return find((backend, object) -> isCalled(backend, object, id));
  }

  /** Every object. */
  public List<OwnedObject> all() {
    return find((backend, object) -> true);
  }

  private List<OwnedObject> find(BiPredicate<Backend, InventoryObject> wanted) {
    List<OwnedObject> found = new ArrayList<>();
    for (Backend backend : backends.all()) {
      for (Kind kind : Kind.values()) {
        for (InventoryObject object : backend.inventory().objects(kind)) {
          if (wanted.test(backend, object)) {
            found.add(known(backend, object));
          }
        }
      }
    }
    return List.copyOf(found);
  }

  private static boolean isCalled(Backend backend, InventoryObject object, String id) {
    return object.id().startsWith(id)
        || (object.kind() == Kind.IMAGE
            ? object.id().startsWith(DIGEST + id)
            : backend.clientIdForPeople(object.id()).startsWith(id));
  }

  private static OwnedObject known(Backend backend, InventoryObject object) {
    String sandbox = object.podSandboxId();
    return new Known(
        object.name(),
        backend.name(),
        publicKind(object.kind()),
        object.id(),
        object.kind() == Kind.IMAGE ? object.id() : backend.clientIdForPeople(object.id()),
        sandbox.isEmpty() ? "" : backend.clientIdForPeople(sandbox),
        object.state(),
        object.createdAt(),
        !backend.health().isReady());
  }

  private static OwnedObject.Kind publicKind(Kind kind) {
    return switch (kind) {
      case POD_SANDBOX -> OwnedObject.Kind.POD_SANDBOX;
      case CONTAINER -> OwnedObject.Kind.CONTAINER;
      case IMAGE -> OwnedObject.Kind.IMAGE;
    };
  }

  private record Known(
      String name,
      BackendName backend,
      OwnedObject.Kind kind,
      String runtimeId,
      String clientId,
      String podSandboxId,
      String state,
      Optional<Instant> createdAt,
      boolean isLastKnown)
      implements OwnedObject {}
}
