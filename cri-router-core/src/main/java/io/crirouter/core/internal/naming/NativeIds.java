package io.crirouter.core.internal.naming;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.joining;

import io.crirouter.core.IdStrategy;
import io.crirouter.core.RpcException;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.Scheduler;
import io.crirouter.core.internal.backend.Backend;
import io.crirouter.core.internal.backend.Backends;
import io.crirouter.core.internal.backend.Condition;
import io.crirouter.core.internal.inventory.Inventories;
import io.crirouter.core.internal.inventory.Inventory;
import io.crirouter.core.internal.inventory.Kind;
import io.crirouter.core.internal.inventory.Resolution;
import io.crirouter.core.internal.inventory.Resolution.Ambiguous;
import io.crirouter.core.internal.inventory.Resolution.Claimed;
import io.crirouter.core.internal.inventory.Resolution.Owned;
import io.crirouter.core.internal.wire.ReferenceTranslator.Replacement;
import io.crirouter.proto.routing.Reference;
import java.util.List;
import java.util.function.Predicate;

/**
 * Ids are the same for client and runtimes. The inventories know the owner of each id. An unknown
 * id goes to the primary only if all secondaries have listed their objects: a runtime answers
 * NOT_FOUND, or success, for ids that it does not know, and both are wrong for an object of another
 * runtime.
 *
 * <p>Ids with the prefix of a secondary are accepted too: a kubelet uses them for a moment after a
 * change from prefixed ids.
 */
public final class NativeIds implements Ids {
  private final Backends backends;
  private final Inventories inventories;
  private final IdSpaces prefixes;

  /** The ids of these backends, which {@code inventories} know. */
  public NativeIds(Backends backends, Inventories inventories, Scheduler scheduler) {
    this.backends = backends;
    this.inventories = inventories;
    this.prefixes = new IdSpaces(backends, inventories, IdStrategy.prefixed(), scheduler);
  }

  @Override
  public Backend owner(Reference kind, String id) throws RpcException {
    Resolution resolution = resolve(kind, id);
    if (resolution instanceof Owned owned) {
      if (owned.shortened()) {
        refuseIfAny(backend -> !backend.inventory().isWhole(Kind.of(kind)), kind, id);
      }
      return backends.owner(owned.owner(), describe(kind, id));
    }
    if (resolution instanceof Ambiguous several) {
      throw ambiguous(kind, id, several);
    }
    if (resolution instanceof Claimed claimed) {
      throw claimed(kind, claimed);
    }
    Backend prefixed = prefixes.ownerOf(Kind.of(kind), id);
    if (prefixed != null) {
      return prefixed;
    }
    prefixes.refuseForeign(id);
    if (!id.isEmpty()) {
      // The primary need not have listed: its answer about its own objects is correct.
      refuseIfAny(backend -> !backend.isPrimary() && !hasListedAll(kind, backend), kind, id);
    }
    return backends.primary();
  }

  private Resolution resolve(Reference kind, String id) {
    return inventories.resolve(Kind.of(kind), id);
  }

  @Override
  public List<Backend> candidates(Reference kind, String id) throws RpcException {
    Resolution resolution = resolve(kind, id);
    if (resolution instanceof Owned owned && !owned.shortened()) {
      return List.of(backends.owner(owned.owner(), describe(kind, id)));
    }
    Backend prefixed = prefixes.ownerOf(Kind.of(kind), id);
    if (prefixed != null) {
      return List.of(prefixed);
    }
    prefixes.refuseForeign(id);
    return backends.all();
  }

  @Override
  public void toRuntime(
      Reference kind, Backend owner, byte[] buffer, int start, int end, Replacement replacement)
      throws RpcException {
    if (end == start) {
      return;
    }
    String id = new String(buffer, start, end - start, UTF_8);
    List<Inventory> known = resolve(kind, id).owners();
    if (known.isEmpty()) {
      dropPrefix(kind, owner, id, replacement);
    } else if (!known.contains(owner.inventory())) {
      throw IdSpaces.foreign(owner, id);
    }
  }

  private void dropPrefix(Reference kind, Backend owner, String id, Replacement replacement)
      throws RpcException {
    Backend prefixed = prefixes.ownerOf(Kind.of(kind), id);
    if (prefixed != null && prefixed != owner) {
      throw IdSpaces.foreign(owner, id);
    }
    if (prefixed != null) {
      replacement.dropStart(PrefixedIdCodec.prefix(owner.idOwner()).length());
    }
  }

  /** Every backend matches the id itself, since its objects may change meanwhile. */
  @Override
  public void filterToRuntime(
      Reference kind, Backend backend, byte[] buffer, int start, int end, Replacement replacement)
      throws RpcException {
    String id = new String(buffer, start, end - start, UTF_8);
    if (resolve(kind, id).owners().isEmpty()) {
      dropPrefix(kind, backend, id, replacement);
    }
  }

  @Override
  public NameSpace of(Backend backend) {
    return NameSpace.UNCHANGED;
  }

  private boolean hasListedAll(Reference kind, Backend backend) {
    return backend.health().isReady() && backend.inventory().isComplete(Kind.of(kind));
  }

  private void refuseIfAny(Predicate<Backend> mayHaveMore, Reference kind, String id)
      throws RpcException {
    List<Backend> candidates =
        backends.all().stream().filter(this::wasSeen).filter(mayHaveMore).toList();
    if (!candidates.isEmpty()) {
      throw new RpcException(
          Code.UNAVAILABLE,
          String.format(
              "no runtime is known to have %s; it may belong to %s",
              describe(kind, id),
              candidates.stream().map(NativeIds::candidate).collect(joining(" or to "))));
    }
  }

  /** A backend that never answered has no objects, unless its saved state was lost. */
  private boolean wasSeen(Backend backend) {
    return backend.isPrimary() || backend.watch().hasAnswered() || inventories.state().isLost();
  }

  private static String candidate(Backend backend) {
    Condition condition = backend.health().condition();
    return String.format(
        "runtime %s, which %s",
        backend,
        condition.isReady() ? "has not listed all its objects" : "is away: " + condition.reason());
  }

  private static RpcException ambiguous(Reference kind, String id, Ambiguous several) {
    return new RpcException(
        Code.INVALID_ARGUMENT,
        String.format(
            "%d %s ids begin with '%s', of %s: %s%s",
            several.count(),
            Kind.of(kind),
            id,
            names(several.owners()),
            String.join(", ", several.examples()),
            several.count() > several.examples().size() ? ", ..." : ""));
  }

  private static RpcException claimed(Reference kind, Claimed claimed) {
    return new RpcException(
        Code.FAILED_PRECONDITION,
        String.format(
            "%s is claimed by %s: remove it from all but one of them with their own tools, or use"
                + " prefixed ids",
            describe(kind, claimed.id()), names(claimed.owners())));
  }

  private static String names(List<Inventory> owners) {
    return owners.stream().map(owner -> "runtime " + owner.name()).collect(joining(" and "));
  }

  private static String describe(Reference kind, String id) {
    return Kind.of(kind) + " '" + id + "'";
  }
}
