package io.crirouter.core.identity;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.joining;

import com.google.protobuf.ByteString;
import io.crirouter.core.BackendName;
import io.crirouter.core.CriMethod;
import io.crirouter.core.RpcException;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.backend.Backend;
import io.crirouter.core.backend.Backends;
import io.crirouter.core.backend.Condition;
import io.crirouter.core.lastknown.CallObserver;
import io.crirouter.core.owners.Owners;
import io.crirouter.core.owners.Resolution;
import io.crirouter.core.owners.Resolution.Ambiguous;
import io.crirouter.core.owners.Resolution.Claimed;
import io.crirouter.core.owners.Resolution.Owned;
import io.crirouter.core.wire.ReferenceTranslator.Replacement;
import io.crirouter.proto.routing.Reference;
import java.util.List;
import java.util.function.Predicate;

/**
 * Every id is the same on both sides; whose it is was learned. What nobody is known to have goes to
 * the primary only if all others have said what they have: a runtime answers NOT_FOUND, or success,
 * for ids that it does not know, and either would be a lie about another's.
 *
 * <p>Ids with the prefix of a secondary are understood too: a kubelet holds some for a moment when
 * a node has just changed over from prefixed ids.
 */
public final class NativeIds implements Ids {
  private final Backends backends;
  private final Owners owners;
  private final IdPrefixes prefixes;
  private final boolean memoryWasLost;

  /**
   * @param memoryWasLost whether secondaries may have been seen before the last restart of which
   *     nothing is known
   */
  public NativeIds(Backends backends, Owners owners, boolean memoryWasLost) {
    this.backends = backends;
    this.owners = owners;
    this.prefixes = new IdPrefixes(backends);
    this.memoryWasLost = memoryWasLost;
    backends.observe(
        new Backends.Observer() {
          @Override
          public void joined(Backend backend) {
            owners.joined(backend.name());
            backend.health().onChange(condition -> changed(backend, condition));
          }

          @Override
          public void left(Backend backend) {
            owners.left(backend.name());
          }
        });
  }

  private void changed(Backend backend, Condition condition) {
    if (!condition.isReady()) {
      owners.disconnected(backend.name());
    }
  }

  @Override
  public Backend owner(Reference kind, String id) throws RpcException {
    Resolution resolution = owners.resolve(kind, id);
    if (resolution instanceof Owned owned) {
      if (owned.shortened()) {
        refuseIfAny(backend -> !owners.isKnown(kind, backend.name()), kind, id);
      }
      return backends.owner(owned.owner(), thing(kind, id));
    }
    if (resolution instanceof Ambiguous several) {
      throw ambiguous(kind, id, several);
    }
    if (resolution instanceof Claimed claimed) {
      throw claimed(kind, claimed);
    }
    Backend prefixed = prefixes.ownerOf(id);
    if (prefixed != null) {
      return prefixed;
    }
    prefixes.refuseForeign(id);
    if (!id.isEmpty()) {
      // The primary itself need not have said all: for its own things its answer is the truth.
      refuseIfAny(backend -> !backend.isPrimary() && !hasSaidAll(kind, backend), kind, id);
    }
    return backends.primary();
  }

  @Override
  public List<Backend> candidates(Reference kind, String id) throws RpcException {
    Resolution resolution = owners.resolve(kind, id);
    if (resolution instanceof Owned owned && !owned.shortened()) {
      return List.of(backends.owner(owned.owner(), thing(kind, id)));
    }
    Backend prefixed = prefixes.ownerOf(id);
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
    List<BackendName> known = owners.resolve(kind, id).owners();
    if (known.isEmpty()) {
      dropPrefix(owner, id, replacement);
    } else if (!known.contains(owner.name())) {
      throw IdPrefixes.foreign(owner, id);
    }
  }

  private void dropPrefix(Backend owner, String id, Replacement replacement) throws RpcException {
    Backend prefixed = prefixes.ownerOf(id);
    if (prefixed != null && prefixed != owner) {
      throw IdPrefixes.foreign(owner, id);
    }
    if (prefixed != null) {
      replacement.dropStart(owner.idPrefix().length());
    }
  }

  /** What matches is for every backend itself to say: answers of others arrive in between. */
  @Override
  public void filterToRuntime(
      Reference kind, Backend backend, byte[] buffer, int start, int end, Replacement replacement)
      throws RpcException {
    String id = new String(buffer, start, end - start, UTF_8);
    if (owners.resolve(kind, id).owners().isEmpty()) {
      dropPrefix(backend, id, replacement);
    }
  }

  @Override
  public void toClient(Backend owner, byte[] buffer, int start, int end, Replacement replacement) {}

  @Override
  public boolean areUnchanged(Backend backend) {
    return true;
  }

  @Override
  public String toClient(Backend owner, String runtimesId) {
    return runtimesId;
  }

  @Override
  public CallObserver observe(Backend backend, CriMethod method, ByteString request) {
    return owners.observe(backend.name(), method, request);
  }

  private boolean hasSaidAll(Reference kind, Backend backend) {
    return backend.health().condition().isReady() && owners.isComplete(kind, backend.name());
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
              thing(kind, id),
              candidates.stream().map(NativeIds::candidate).collect(joining(" or to "))));
    }
  }

  /** A backend that was never seen has nothing. */
  private boolean wasSeen(Backend backend) {
    return backend.hasContent() || memoryWasLost;
  }

  private static String candidate(Backend backend) {
    Condition condition = backend.health().condition();
    return String.format(
        "runtime %s, which %s",
        backend,
        condition.isReady() ? "has not listed all it has" : "is away: " + condition.reason());
  }

  private static RpcException ambiguous(Reference kind, String id, Ambiguous several) {
    return new RpcException(
        Code.INVALID_ARGUMENT,
        String.format(
            "%d %s ids begin with '%s', of %s: %s%s",
            several.count(),
            word(kind),
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
            thing(kind, claimed.id()), names(claimed.owners())));
  }

  private static String names(List<BackendName> owners) {
    return owners.stream().map(owner -> "runtime " + owner).collect(joining(" and "));
  }

  private static String thing(Reference kind, String id) {
    return word(kind) + " '" + id + "'";
  }

  private static String word(Reference kind) {
    return kind == Reference.POD_SANDBOX_ID ? "pod sandbox" : "container";
  }
}
