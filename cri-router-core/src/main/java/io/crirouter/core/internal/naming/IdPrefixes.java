package io.crirouter.core.internal.naming;

import static java.util.stream.Collectors.joining;

import com.google.common.base.CharMatcher;
import io.crirouter.core.BackendName;
import io.crirouter.core.RpcException;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.internal.backend.Backend;
import io.crirouter.core.internal.backend.Backends;
import io.crirouter.core.internal.inventory.Inventories;
import io.crirouter.core.internal.inventory.Kind;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The id prefixes of secondaries, present and former ones. Thread-safe. */
final class IdPrefixes {
  private static final int MAX_DEFAULT_LENGTH = 4;
  private static final CharMatcher IN_PREFIX =
      CharMatcher.inRange('a', 'z').or(CharMatcher.inRange('0', '9'));

  private final Backends backends;
  private final Inventories inventories;

  IdPrefixes(Backends backends, Inventories inventories) {
    this.backends = backends;
    this.inventories = inventories;
  }

  /**
   * Checks the id prefix of a secondary.
   *
   * @throws IllegalArgumentException if it is that of another secondary, present or removed
   */
  void requireDistinct(BackendName name, String prefix) {
    for (Backend other : backends.secondaries()) {
      if (other.isConfigured() && !other.name().equals(name) && other.idPrefix().equals(prefix)) {
        throw new IllegalArgumentException(
            String.format(
                "the ids of runtimes %s and %s would both start with '%s': give one of them another"
                    + " id prefix",
                other.name(), name, prefix));
      }
    }
    BackendName former = backends.former().ofPrefix(prefix);
    if (former != null && !former.equals(name)) {
      throw new IllegalArgumentException(
          String.format(
              "ids that start with '%s' belong to runtime %s, which was removed: give runtime %s"
                  + " another id prefix, or drop the saved state of runtime %s (forget)",
              prefix, former, name, former));
    }
  }

  /**
   * The secondary whose prefix an id has; null if there is none, or more than one. A runtime that
   * is no longer configured keeps its own ids even if another one has its prefix now.
   */
  @Nullable Backend ownerOf(Kind kind, String id) {
    Backend owner = null;
    int owners = 0;
    for (Backend backend : backends.secondaries()) {
      if (!id.startsWith(backend.idPrefix())) {
        continue;
      }
      if (backend.isConfigured()) {
        owner = backend;
        owners++;
      } else if (has(backend, kind, id.substring(backend.idPrefix().length()))) {
        return backend;
      }
    }
    return owners == 1 ? owner : null;
  }

  /**
   * Refuses an id that was made while its prefix belonged to another runtime. A runtime that was
   * renamed gets new ids, and the client uses the old ones until it lists again.
   */
  void refuseOutdated(Kind kind, Backend owner, String id) throws RpcException {
    if (!inventories.idsAreOutdated()) {
      return;
    }
    String runtimesId = id.substring(owner.idPrefix().length());
    if (owner.inventory().has(kind, runtimesId) || owner.inventory().had(kind, runtimesId)) {
      return;
    }
    for (Backend other : backends.all()) {
      if (other != owner && other.inventory().has(kind, runtimesId)) {
        throw new RpcException(
            Code.UNAVAILABLE,
            String.format(
                "id '%s' is not one of runtime %s: it was made before runtime %s was renamed; list"
                    + " again",
                id, owner.name(), other.name()));
      }
    }
  }

  private static boolean has(Backend backend, Kind kind, String runtimesId) {
    return !runtimesId.isEmpty() && !backend.inventory().startingWith(kind, runtimesId).isEmpty();
  }

  /**
   * Refuses an id that looks prefixed but has no known prefix. It belongs to a runtime that is no
   * longer configured. NOT_FOUND would make a kubelet forget a pod that may still run.
   */
  void refuseForeign(String id) throws RpcException {
    BackendName former = backends.former().ownerOf(id);
    if (former != null) {
      throw new RpcException(
          Code.UNAVAILABLE,
          String.format(
              "id '%s' belongs to runtime %s, which was removed from the router; configured: %s",
              id, former, backends.names()));
    }
    if (looksPrefixed(id)) {
      throw new RpcException(
          Code.UNAVAILABLE,
          String.format(
              "id '%s' belongs to a runtime that is not configured here; known id prefixes: %s",
              id, listed()));
    }
  }

  private String listed() {
    List<Backend> secondaries = backends.secondaries();
    return secondaries.stream()
        .map(backend -> backend.idPrefix() + " (" + backend.name() + ")")
        .collect(joining(", "));
  }

  /** Whether an id begins with what could be the prefix of a runtime. */
  private static boolean looksPrefixed(String id) {
    int length = id.indexOf("__");
    return length > 0
        && length <= MAX_DEFAULT_LENGTH
        && IN_PREFIX.matchesAllOf(id.substring(0, length));
  }

  /** The refusal of a request whose {@code id} belongs to another backend than the request. */
  static RpcException foreign(Backend owner, String id) {
    return new RpcException(
        Code.INVALID_ARGUMENT,
        String.format(
            "id '%s' is not one of runtime %s, to which the rest of the request belongs",
            id, owner.name()));
  }
}
