package io.crirouter.core.internal.naming;

import static java.util.stream.Collectors.joining;

import io.crirouter.core.BackendName;
import io.crirouter.core.RpcException;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.internal.backend.Backend;
import io.crirouter.core.internal.backend.Backends;
import io.crirouter.core.internal.inventory.Kind;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What the ids of secondaries begin with, or began with, in the client's eyes. Thread-safe. */
final class IdPrefixes {
  private static final Pattern LOOKS_PREFIXED = Pattern.compile("[a-z0-9]{1,4}__.*");

  private final Backends backends;

  IdPrefixes(Backends backends) {
    this.backends = backends;
  }

  /**
   * Checks a secondary that is, or is to become, part of the router.
   *
   * @throws IllegalArgumentException if its ids could not be told from those of another one
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
                  + " another id prefix",
              prefix, former, name));
    }
  }

  /**
   * The secondary that an id with its prefix belongs to; null if there is none such, or more than
   * one. A runtime that is not configured any more keeps its own ids, whoever has its prefix now.
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
   * Refuses an id that has a backend's prefix, but was made when the prefix was another's: a
   * runtime that was renamed goes on under new ids, and the client knows the old ones until it
   * lists again.
   */
  void refuseOutdated(Kind kind, Backend owner, String id) throws RpcException {
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
   * Refuses an id that looks prefixed but has no backend's prefix. It belongs to a runtime that is
   * gone from the configuration: saying NOT_FOUND for it would make a kubelet forget a pod that may
   * still run.
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
    if (LOOKS_PREFIXED.matcher(id).matches()) {
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

  /** The refusal of a request in which {@code id} is of another backend than the rest. */
  static RpcException foreign(Backend owner, String id) {
    return new RpcException(
        Code.INVALID_ARGUMENT,
        String.format(
            "id '%s' is not one of runtime %s, to which the rest of the request belongs",
            id, owner.name()));
  }
}
