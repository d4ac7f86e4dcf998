package io.crirouter.core.internal.naming;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.crirouter.core.IdCodec;
import io.crirouter.core.RpcException;
import io.crirouter.core.Scheduler;
import io.crirouter.core.internal.backend.Backend;
import io.crirouter.core.internal.backend.BackendConfig;
import io.crirouter.core.internal.backend.Backends;
import io.crirouter.core.internal.inventory.Inventories;
import io.crirouter.core.internal.inventory.Kind;
import io.crirouter.core.internal.inventory.Resolution;
import io.crirouter.core.internal.naming.IdSpaces.Shortened;
import io.crirouter.core.internal.wire.ReferenceTranslator.Replacement;
import io.crirouter.proto.routing.Reference;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Ids of secondaries show their owner, by a codec; the primary's never change. After a change from
 * native ids, native ids of secondaries are accepted for a while.
 */
public final class CodecIds implements Ids {
  private final Backends backends;
  private final IdSpaces spaces;
  private final Inventories inventories;
  private final FormerNativeIds former;

  /**
   * @throws IllegalArgumentException if ids of two backends cannot be told apart, or if the codec
   *     breaks a rule
   */
  public CodecIds(
      Backends backends,
      Inventories inventories,
      FormerNativeIds former,
      IdCodec codec,
      Scheduler scheduler) {
    this.backends = backends;
    this.spaces = new IdSpaces(backends, inventories, codec, scheduler);
    this.inventories = inventories;
    this.former = former;
    for (Backend backend : backends.secondaries()) {
      if (backend.isConfigured()) {
        spaces.requireDistinct(backend.idOwner());
      }
    }
  }

  @Override
  public void requireDistinct(BackendConfig config) {
    spaces.requireDistinct(config.idOwner());
  }

  @Override
  public Backend owner(Reference kind, String id) throws RpcException {
    if (id.isEmpty()) {
      return backends.primary();
    }
    Backend secondary = secondary(kind, id);
    if (secondary != null) {
      return secondary;
    }
    spaces.refuseTooShort(id);
    spaces.refuseForeign(id);
    return backends.primary();
  }

  @Override
  public List<Backend> candidates(Reference kind, String id) throws RpcException {
    if (id.isEmpty()) {
      return backends.all();
    }
    Backend secondary = secondary(kind, id);
    if (secondary != null) {
      return List.of(secondary);
    }
    spaces.refuseForeign(id);
    List<Backend> candidates = new ArrayList<>();
    candidates.add(backends.primary());
    for (Backend backend : backends.secondaries()) {
      if (spaces.of(backend).allBeginWith(id)) {
        candidates.add(backend);
      }
    }
    return candidates;
  }

  /** The secondary that owns an id or the only one that begins so; else null. */
  private @Nullable Backend secondary(Reference kind, String id) throws RpcException {
    Backend owner = knownOwner(kind, id);
    if (owner != null) {
      return owner;
    }
    Shortened shortened = spaces.shortened(Kind.of(kind), id);
    return shortened == null ? null : shortened.owner();
  }

  /** The secondary that owns an id by the codec, or as an accepted native id; else null. */
  private @Nullable Backend knownOwner(Reference kind, String id) throws RpcException {
    Backend owner = spaces.ownerOf(Kind.of(kind), id);
    if (owner != null) {
      spaces.refuseOutdated(Kind.of(kind), owner, id);
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
    boolean isDone =
        end == start
            || (!owner.isPrimary() && spaces.of(owner).toRuntime(buffer, start, end, replacement));
    if (isDone) {
      return;
    }
    String id = new String(buffer, start, end - start, UTF_8);
    if (!owner.isPrimary() && spaces.of(owner).allBeginWith(id)) {
      // A filter by a part of the prefix matches every id.
      replacement.dropStart(end - start);
      return;
    }
    Backend known = knownOwner(kind, id);
    Shortened shortened = known == null ? spaces.shortened(Kind.of(kind), id) : null;
    if (shortened != null) {
      known = shortened.owner();
      replacement.replaceStart(end - start, shortened.id().getBytes(UTF_8));
    }
    // An id that no codec knows is the primary's, unless it is an accepted native id.
    if (owner != (known == null ? backends.primary() : known)) {
      throw IdSpaces.foreign(owner, id);
    }
  }

  @Override
  public NameSpace of(Backend backend) {
    return backend.isPrimary() ? NameSpace.UNCHANGED : spaces.of(backend);
  }
}
