package io.crirouter.core.identity;

import static java.util.stream.Collectors.joining;

import io.crirouter.core.RpcException;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.backend.Backend;
import io.crirouter.core.backend.Backends;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What the ids of secondaries begin with, or began with, in the client's eyes. Immutable. */
final class IdPrefixes {
  private static final String SEPARATOR = "__";
  private static final Pattern LOOKS_PREFIXED = Pattern.compile("[a-z0-9]{1,4}" + SEPARATOR + ".*");

  private final Map<Backend, String> prefixes;
  private final String listed;

  private IdPrefixes(Backends backends, Set<String> ambiguous) {
    Map<Backend, String> unambiguous = new HashMap<>();
    for (Backend backend : backends.secondaries()) {
      String prefix = prefixOf(backend);
      if (!ambiguous.contains(prefix)) {
        unambiguous.put(backend, prefix);
      }
    }
    prefixes = Map.copyOf(unambiguous);
    listed =
        backends.secondaries().stream()
            .map(backend -> prefixOf(backend) + " (" + backend.name() + ")")
            .collect(joining(", "));
  }

  /**
   * The prefixes of all secondaries.
   *
   * @throws IllegalArgumentException if the ids of two backends could not be told apart
   */
  static IdPrefixes ofAll(Backends backends) {
    Map<String, Backend> taken = new HashMap<>();
    for (Backend backend : backends.secondaries()) {
      Backend other = taken.put(prefixOf(backend), backend);
      if (other != null) {
        throw new IllegalArgumentException(
            String.format(
                "the ids of runtimes %s and %s would both start with '%s': give one of them another"
                    + " id prefix",
                other.name(), backend.name(), prefixOf(backend)));
      }
    }
    return new IdPrefixes(backends, Set.of());
  }

  /** The prefixes that only one secondary has. */
  static IdPrefixes ofUnique(Backends backends) {
    Set<String> taken = new HashSet<>();
    Set<String> ambiguous = new HashSet<>();
    for (Backend backend : backends.secondaries()) {
      if (!taken.add(prefixOf(backend))) {
        ambiguous.add(prefixOf(backend));
      }
    }
    return new IdPrefixes(backends, ambiguous);
  }

  private static String prefixOf(Backend backend) {
    return backend.idPrefix() + SEPARATOR;
  }

  /** The prefix of a backend, separator included; null if its ids have none. */
  @Nullable String of(Backend backend) {
    return prefixes.get(backend);
  }

  /** The secondary with whose prefix {@code id} begins, or null. */
  @Nullable Backend ownerOf(String id) {
    for (Map.Entry<Backend, String> entry : prefixes.entrySet()) {
      if (id.startsWith(entry.getValue())) {
        return entry.getKey();
      }
    }
    return null;
  }

  /**
   * Refuses an id that looks prefixed but has no backend's prefix. It belongs to a runtime that is
   * gone from the configuration: saying NOT_FOUND for it would make a kubelet forget a pod that may
   * still run.
   */
  void refuseForeign(String id) throws RpcException {
    if (LOOKS_PREFIXED.matcher(id).matches()) {
      throw new RpcException(
          Code.UNAVAILABLE,
          String.format(
              "id '%s' belongs to a runtime that is not configured here; known id prefixes: %s",
              id, listed));
    }
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
