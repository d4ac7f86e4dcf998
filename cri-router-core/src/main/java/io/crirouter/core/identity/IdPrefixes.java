package io.crirouter.core.identity;

import static java.util.stream.Collectors.joining;

import io.crirouter.core.BackendName;
import io.crirouter.core.RpcException;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.backend.Backend;
import io.crirouter.core.backend.Backends;
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
   * Checks a backend that is, or is to become, part of the router.
   *
   * @throws IllegalArgumentException if its ids could not be told from those of another one
   */
  void requireDistinct(Backend backend) {
    for (Backend other : backends.secondaries()) {
      if (other != backend && other.idPrefix().equals(backend.idPrefix())) {
        throw new IllegalArgumentException(
            String.format(
                "the ids of runtimes %s and %s would both start with '%s': give one of them another"
                    + " id prefix",
                other.name(), backend.name(), backend.idPrefix()));
      }
    }
    BackendName former = backends.former().ofPrefix(backend.idPrefix());
    if (former != null && !former.equals(backend.name())) {
      throw new IllegalArgumentException(
          String.format(
              "ids that start with '%s' belong to runtime %s, which was removed: give runtime %s"
                  + " another id prefix",
              backend.idPrefix(), former, backend.name()));
    }
  }

  /** The only secondary with whose prefix {@code id} begins; null if there is none such. */
  @Nullable Backend ownerOf(String id) {
    Backend owner = null;
    for (Backend backend : backends.secondaries()) {
      if (id.startsWith(backend.idPrefix())) {
        if (owner != null) {
          return null;
        }
        owner = backend;
      }
    }
    return owner;
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
    return backends.secondaries().stream()
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
