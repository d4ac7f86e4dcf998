package io.crirouter.core.internal.naming;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.crirouter.core.RpcException;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.internal.backend.Backend;
import io.crirouter.core.internal.backend.BackendConfig;
import io.crirouter.core.internal.backend.Backends;
import io.crirouter.core.internal.inventory.Inventories;
import io.crirouter.core.internal.inventory.Kind;
import io.crirouter.core.internal.inventory.Resolution;
import io.crirouter.core.internal.wire.ReferenceTranslator.Replacement;
import io.crirouter.proto.routing.Reference;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Ids of secondaries have a prefix; the primary's never change. After a change from native ids,
 * native ids of secondaries are accepted for a while.
 */
public final class PrefixedIds implements Ids {
  private final Backends backends;
  private final IdPrefixes prefixes;
  private final Inventories inventories;
  private final FormerNativeIds former;

  /**
   * @throws IllegalArgumentException if two backends have the same id prefix
   */
  public PrefixedIds(Backends backends, Inventories inventories, FormerNativeIds former) {
    this.backends = backends;
    this.prefixes = new IdPrefixes(backends, inventories);
    this.inventories = inventories;
    this.former = former;
    for (Backend backend : backends.secondaries()) {
      if (backend.isConfigured()) {
        prefixes.requireDistinct(backend.name(), backend.idPrefix());
      }
    }
  }

  @Override
  public void requireDistinct(BackendConfig config) {
    prefixes.requireDistinct(config.name(), config.idPrefix());
  }

  @Override
  public Backend owner(Reference kind, String id) throws RpcException {
    Backend owner = knownOwner(kind, id);
    if (owner != null) {
      return owner;
    }
    for (Backend backend : backends.secondaries()) {
      String prefix = backend.idPrefix();
      if (!id.isEmpty() && prefix.startsWith(id)) {
        throw new RpcException(
            Code.INVALID_ARGUMENT,
            String.format(
                "id '%s' is too short: every id of runtime %s starts with '%s'",
                id, backend.name(), prefix));
      }
    }
    prefixes.refuseForeign(id);
    return backends.primary();
  }

  @Override
  public List<Backend> candidates(Reference kind, String id) throws RpcException {
    if (id.isEmpty()) {
      return backends.all();
    }
    Backend owner = knownOwner(kind, id);
    if (owner != null) {
      return List.of(owner);
    }
    prefixes.refuseForeign(id);
    List<Backend> candidates = new ArrayList<>();
    candidates.add(backends.primary());
    for (Backend backend : backends.secondaries()) {
      if (backend.idPrefix().startsWith(id)) {
        candidates.add(backend);
      }
    }
    return candidates;
  }

  /** The secondary that owns an id by its prefix, or as an accepted native id; else null. */
  private @Nullable Backend knownOwner(Reference kind, String id) throws RpcException {
    Backend owner = prefixes.ownerOf(Kind.of(kind), id);
    if (owner != null) {
      prefixes.refuseOutdated(Kind.of(kind), owner, id);
      return owner;
    }
    return former.areAccepted() ? formerOwner(kind, id) : null;
  }

  private @Nullable Backend formerOwner(Reference kind, String id) throws RpcException {
    Resolution resolution = inventories.resolve(Kind.of(kind), id);
    if (resolution instanceof Resolution.Owned owned && !owned.shortened()) {
      Backend owner = backends.owner(owned.owner(), "id '" + id + "'");
      return owner.isPrimary() ? null : owner;
    }
    return null;
  }

  @Override
  public void toRuntime(
      Reference kind, Backend owner, byte[] buffer, int start, int end, Replacement replacement)
      throws RpcException {
    int length = end - start;
    if (length == 0) {
      return;
    }
    byte[] own = prefixBytes(owner);
    if (own != null && startsWith(buffer, start, end, own)) {
      replacement.dropStart(own.length);
      return;
    }
    if (own != null
        && length < own.length
        && startsWith(own, 0, own.length, Arrays.copyOfRange(buffer, start, end))) {
      // A filter by a part of the prefix matches every id of this backend.
      replacement.dropStart(length);
      return;
    }
    requireUnprefixed(kind, owner, new String(buffer, start, length, UTF_8));
  }

  /** An id without the owner's prefix is the primary's, unless it is an accepted native id. */
  private void requireUnprefixed(Reference kind, Backend owner, String id) throws RpcException {
    Backend known = knownOwner(kind, id);
    if (owner != (known == null ? backends.primary() : known)) {
      throw IdPrefixes.foreign(owner, id);
    }
  }

  @Override
  public void toClient(Backend owner, byte[] buffer, int start, int end, Replacement replacement) {
    byte[] prefix = prefixBytes(owner);
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
    return runtimesId.isEmpty() || owner.isPrimary() ? runtimesId : owner.idPrefix() + runtimesId;
  }

  private static byte @Nullable [] prefixBytes(Backend owner) {
    return owner.isPrimary() ? null : owner.idPrefixBytes();
  }

  private static boolean startsWith(byte[] buffer, int start, int end, byte[] prefix) {
    return end - start >= prefix.length
        && Arrays.equals(buffer, start, start + prefix.length, prefix, 0, prefix.length);
  }
}
