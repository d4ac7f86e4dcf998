package io.crirouter.core.identity;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.joining;

import io.crirouter.core.RpcException;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.backend.Backend;
import io.crirouter.core.backend.Backends;
import io.crirouter.core.wire.ReferenceTranslator.Replacement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Ids of secondaries carry a prefix, the primary's never change. An id that looks prefixed but has
 * no backend's prefix belongs to a runtime that is gone from the configuration: saying NOT_FOUND
 * for it would make a kubelet forget a pod that may still run.
 */
public final class PrefixedIds implements Ids {
  /** Stands between a backend's prefix and the runtime's own id. */
  public static final String SEPARATOR = "__";

  private static final Pattern LOOKS_PREFIXED = Pattern.compile("[a-z0-9]{1,4}" + SEPARATOR + ".*");

  private final Backends backends;
  private final Map<Backend, byte[]> prefixes;

  /**
   * @throws IllegalArgumentException if the ids of two backends could not be told apart
   */
  public PrefixedIds(Backends backends) {
    this.backends = backends;
    this.prefixes = new HashMap<>();
    Map<String, Backend> taken = new HashMap<>();
    for (Backend backend : backends.secondaries()) {
      String prefix = backend.idPrefix() + SEPARATOR;
      Backend other = taken.put(prefix, backend);
      if (other != null) {
        throw new IllegalArgumentException(
            String.format(
                "the ids of runtimes %s and %s would both start with '%s': give one of them another"
                    + " id prefix",
                other.name(), backend.name(), prefix));
      }
      prefixes.put(backend, prefix.getBytes(UTF_8));
    }
  }

  @Override
  public Backend owner(String id) throws RpcException {
    for (Backend backend : backends.secondaries()) {
      String prefix = backend.idPrefix() + SEPARATOR;
      if (id.startsWith(prefix)) {
        return backend;
      }
      if (!id.isEmpty() && prefix.startsWith(id)) {
        throw new RpcException(
            Code.INVALID_ARGUMENT,
            String.format(
                "id '%s' is too short: every id of runtime %s starts with '%s'",
                id, backend.name(), prefix));
      }
    }
    refuseForeign(id);
    return backends.primary();
  }

  @Override
  public List<Backend> candidates(String id) throws RpcException {
    if (id.isEmpty()) {
      return backends.all();
    }
    List<Backend> candidates = new ArrayList<>();
    for (Backend backend : backends.secondaries()) {
      String prefix = backend.idPrefix() + SEPARATOR;
      if (id.startsWith(prefix)) {
        return List.of(backend);
      }
      if (prefix.startsWith(id)) {
        candidates.add(backend);
      }
    }
    refuseForeign(id);
    candidates.add(0, backends.primary());
    return candidates;
  }

  private void refuseForeign(String id) throws RpcException {
    if (LOOKS_PREFIXED.matcher(id).matches()) {
      throw new RpcException(
          Code.UNAVAILABLE,
          String.format(
              "id '%s' belongs to a runtime that is not configured here; known id prefixes: %s",
              id,
              backends.secondaries().stream()
                  .map(backend -> backend.idPrefix() + SEPARATOR + " (" + backend.name() + ")")
                  .collect(joining(", "))));
    }
  }

  @Override
  public void toRuntime(Backend owner, byte[] buffer, int start, int end, Replacement replacement)
      throws RpcException {
    int length = end - start;
    if (length == 0) {
      return;
    }
    byte[] own = prefixes.get(owner);
    if (own == null) {
      requireNoPrefix(owner, buffer, start, end);
    } else if (startsWith(buffer, start, end, own)) {
      replacement.dropStart(own.length);
    } else if (length < own.length && startsWith(own, 0, own.length, copy(buffer, start, end))) {
      // A filter by an id cut within the prefix fits every id of this backend.
      replacement.dropStart(length);
    } else {
      throw foreign(owner, buffer, start, end);
    }
  }

  private void requireNoPrefix(Backend primary, byte[] buffer, int start, int end)
      throws RpcException {
    for (byte[] prefix : prefixes.values()) {
      if (startsWith(buffer, start, end, prefix)) {
        throw foreign(primary, buffer, start, end);
      }
    }
  }

  private static RpcException foreign(Backend owner, byte[] buffer, int start, int end) {
    return new RpcException(
        Code.INVALID_ARGUMENT,
        String.format(
            "id '%s' is not one of runtime %s, to which the rest of the request belongs",
            new String(buffer, start, end - start, UTF_8), owner.name()));
  }

  @Override
  public void toClient(Backend owner, byte[] buffer, int start, int end, Replacement replacement) {
    byte[] prefix = prefixes.get(owner);
    if (prefix != null && end > start) {
      replacement.prepend(prefix);
    }
  }

  @Override
  public boolean areUnchanged(Backend backend) {
    return backend.isPrimary();
  }

  @Override
  public String toClient(Backend owner, String runtimesId) {
    return owner.isPrimary() || runtimesId.isEmpty()
        ? runtimesId
        : owner.idPrefix() + SEPARATOR + runtimesId;
  }

  private static byte[] copy(byte[] buffer, int start, int end) {
    byte[] value = new byte[end - start];
    System.arraycopy(buffer, start, value, 0, value.length);
    return value;
  }

  private static boolean startsWith(byte[] buffer, int start, int end, byte[] prefix) {
    if (end - start < prefix.length) {
      return false;
    }
    for (int i = 0; i < prefix.length; i++) {
      if (buffer[start + i] != prefix[i]) {
        return false;
      }
    }
    return true;
  }
}
