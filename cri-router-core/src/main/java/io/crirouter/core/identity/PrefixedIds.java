package io.crirouter.core.identity;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.crirouter.core.BackendName;
import io.crirouter.core.RpcException;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.backend.Backend;
import io.crirouter.core.backend.Backends;
import io.crirouter.core.owners.FormerOwners;
import io.crirouter.core.wire.ReferenceTranslator.Replacement;
import io.crirouter.proto.routing.Reference;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Ids of secondaries carry a prefix, the primary's never change. The ids by which a client knew the
 * secondaries' things before a change over from native ids are understood for a while.
 */
public final class PrefixedIds implements Ids {
  private final Backends backends;
  private final IdPrefixes prefixes;
  private final FormerOwners former;

  /**
   * @throws IllegalArgumentException if the ids of two backends could not be told apart
   */
  public PrefixedIds(Backends backends, FormerOwners former) {
    this.backends = backends;
    this.prefixes = new IdPrefixes(backends);
    this.former = former;
    backends.secondaries().forEach(prefixes::requireDistinct);
  }

  @Override
  public void requireDistinct(Backend backend) {
    prefixes.requireDistinct(backend);
  }

  @Override
  public Backend owner(Reference kind, String id) throws RpcException {
    Backend owner = knownOwner(id);
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
    Backend owner = knownOwner(id);
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

  /** The secondary that an id belongs to by its prefix, or from former times; else null. */
  private @Nullable Backend knownOwner(String id) throws RpcException {
    Backend owner = prefixes.ownerOf(id);
    BackendName formerOwner = owner == null ? former.ownerOf(id) : null;
    return formerOwner == null ? owner : backends.owner(formerOwner, "id '" + id + "'");
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
        && startsWith(own, 0, own.length, copy(buffer, start, end))) {
      // A filter by an id cut within the prefix fits every id of this backend.
      replacement.dropStart(length);
      return;
    }
    requireUnprefixed(owner, new String(buffer, start, length, UTF_8));
  }

  /** An id without the owner's prefix is the primary's, unless it is of former times. */
  private void requireUnprefixed(Backend owner, String id) throws RpcException {
    Backend known = knownOwner(id);
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
