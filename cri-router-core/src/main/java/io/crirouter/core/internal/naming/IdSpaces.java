package io.crirouter.core.internal.naming;

import static java.util.stream.Collectors.joining;

import io.crirouter.core.BackendName;
import io.crirouter.core.IdCodec;
import io.crirouter.core.IdOwner;
import io.crirouter.core.RpcException;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.Scheduler;
import io.crirouter.core.internal.backend.Backend;
import io.crirouter.core.internal.backend.Backends;
import io.crirouter.core.internal.call.ForeignCode;
import io.crirouter.core.internal.inventory.Inventories;
import io.crirouter.core.internal.inventory.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The client ids of all secondaries, present and former ones, under one codec. Thread-safe. */
final class IdSpaces {
  private final Backends backends;
  private final Inventories inventories;
  private final IdCodecGuard codec;
  private final boolean arePrefixed;

  /** One for each secondary that is part of the router; others are made when needed. */
  private final Map<Backend, NameSpace> spaces = new ConcurrentHashMap<>();

  IdSpaces(Backends backends, Inventories inventories, IdCodec codec, Scheduler scheduler) {
    this.backends = backends;
    this.inventories = inventories;
    this.codec = new IdCodecGuard(codec, new ForeignCode("id codec " + codec, scheduler));
    this.arePrefixed = codec == PrefixedIdCodec.INSTANCE;
    backends.whenJoined(backend -> spaces.put(backend, of(backend.idOwner())));
    backends.whenLeft(spaces::remove);
  }

  /** The ids of a secondary, which may have left the router. */
  private NameSpace of(IdOwner owner) {
    return arePrefixed
        ? new PrefixedNames(PrefixedIdCodec.prefix(owner))
        : new CodecNames(this, codec, owner);
  }

  /** The ids of a secondary. */
  NameSpace of(Backend secondary) {
    NameSpace known = spaces.get(secondary);
    return known == null ? of(secondary.idOwner()) : known;
  }

  /**
   * Checks a secondary that is to be added, and the codec with it.
   *
   * @throws IllegalArgumentException if its ids could be taken for those of another backend
   */
  void requireDistinct(IdOwner owner) {
    IdCodecCheck check = new IdCodecCheck(codec);
    check.require(owner);
    for (Backend other : backends.secondaries()) {
      if (other.isConfigured() && !other.name().equals(owner.name())) {
        check.requireDistinct(owner, other.idOwner(), ": give one of them another id prefix");
      }
    }
    for (IdOwner former : backends.former().owners()) {
      if (!former.name().equals(owner.name())) {
        check.requireDistinct(
            owner,
            former,
            String.format(
                ", which was removed: give runtime %s another id prefix, or drop the saved state of"
                    + " runtime %s (forget)",
                owner.name(), former.name()));
      }
    }
  }

  /**
   * The secondary of which an id is, or surely the beginning of one; null if there is none, or more
   * than one with the same prefix. A runtime that is no longer configured keeps its own ids even if
   * another one has its prefix now.
   */
  @Nullable Backend ownerOf(Kind kind, String id) throws RpcException {
    Backend owner = null;
    int owners = 0;
    List<Backend> secondaries = backends.secondaries();
    for (int i = 0; i < secondaries.size(); i++) { // Each call comes here: no iterator.
      Backend backend = secondaries.get(i);
      if (!of(backend).owns(id)) {
        continue;
      }
      if (backend.isConfigured()) {
        owners++;
        // Two secondaries may have the same prefix only while ids are native.
        if (owner != null && !arePrefixed) {
          throw ofTwo(owner.name(), backend.name(), id);
        }
        owner = backend;
      } else if (has(backend, kind, id)) {
        return backend;
      }
    }
    if (owner != null && !arePrefixed && backends.primary().inventory().has(kind, id)) {
      throw ofTwo(backends.primary().name(), owner.name(), id);
    }
    return owners > 1 ? null : owner;
  }

  private RpcException ofTwo(BackendName one, BackendName other, String clientId) {
    return codec.broken(
        String.format("client id '%s' is one of runtimes %s and %s", clientId, one, other));
  }

  private boolean has(Backend backend, Kind kind, String id) throws RpcException {
    String runtimesId = of(backend).toRuntime(id);
    return runtimesId != null
        && !runtimesId.isEmpty()
        && !backend.inventory().startingWith(kind, runtimesId).isEmpty();
  }

  /** Checks that an id is not also one of another secondary. */
  void requireOnlyOf(IdOwner owner, String clientId) throws RpcException {
    for (Backend other : backends.secondaries()) {
      if (!other.idOwner().equals(owner) && of(other).owns(clientId)) {
        throw ofTwo(owner.name(), other.name(), clientId);
      }
    }
  }

  /**
   * An object whose client id begins with {@code start}, where the beginning does not show the
   * owner.
   *
   * @return null if {@code start} is a whole id of the primary, or the beginning of no other id
   * @throws RpcException INVALID_ARGUMENT if several client ids begin so
   */
  @Nullable Shortened shortened(Kind kind, String start) throws RpcException {
    if (arePrefixed || backends.primary().inventory().has(kind, start)) {
      return null;
    }
    List<Shortened> matches = new ArrayList<>();
    for (Backend backend : backends.secondaries()) {
      for (String id : backend.inventory().startingWith(kind, "")) {
        String clientId = of(backend).toClient(id);
        if (clientId.startsWith(start)) {
          matches.add(new Shortened(backend, id, clientId));
        }
      }
    }
    List<String> primarys = backends.primary().inventory().startingWith(kind, start);
    if (matches.size() > 1 || (matches.size() == 1 && !primarys.isEmpty())) {
      throw ambiguous(kind, start, matches.get(0).clientId, matches.size() + primarys.size());
    }
    return matches.isEmpty() ? null : matches.get(0);
  }

  /**
   * One object of a secondary.
   *
   * @param id the id at its runtime
   */
  record Shortened(Backend owner, String id, String clientId) {}

  private static RpcException ambiguous(Kind kind, String start, String example, int count) {
    return new RpcException(
        Code.INVALID_ARGUMENT,
        String.format("%d %s ids begin with '%s': %s, ...", count, kind, start, example));
  }

  /** Refuses an id that fits every object of a secondary. */
  void refuseTooShort(String id) throws RpcException {
    for (Backend backend : backends.secondaries()) {
      if (of(backend).allBeginWith(id)) {
        throw new RpcException(
            Code.INVALID_ARGUMENT,
            String.format(
                "id '%s' is too short: every id of runtime %s starts with '%s'",
                id, backend.name(), of(backend)));
      }
    }
  }

  /**
   * Refuses an id that was made while its prefix belonged to another runtime. A runtime that was
   * renamed gets new ids, and the client uses the old ones until it lists again.
   */
  void refuseOutdated(Kind kind, Backend owner, String id) throws RpcException {
    if (!inventories.idsAreOutdated()) {
      return;
    }
    String runtimesId = of(owner).toRuntime(id);
    if (runtimesId == null
        || owner.inventory().has(kind, runtimesId)
        || owner.inventory().had(kind, runtimesId)) {
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

  /**
   * Refuses an id that has a known form but no known owner. It belongs to a runtime that is no
   * longer configured. NOT_FOUND would make a kubelet forget a pod that may still run.
   */
  void refuseForeign(String id) throws RpcException {
    for (IdOwner former : backends.former().owners()) {
      if (of(former).owns(id)) {
        throw new RpcException(
            Code.UNAVAILABLE,
            String.format(
                "id '%s' belongs to runtime %s, which was removed from the router; configured: %s",
                id, former.name(), backends.names()));
      }
    }
    if (isEncoded(id)) {
      throw new RpcException(
          Code.UNAVAILABLE,
          String.format(
              "id '%s' belongs to a runtime that is not configured here; %s", id, known()));
    }
  }

  /** Prefixes are seen without calling the codec as foreign code: each call to the primary asks. */
  private boolean isEncoded(String id) throws RpcException {
    return arePrefixed ? PrefixedIdCodec.INSTANCE.isEncoded(id) : codec.isEncoded(id);
  }

  private String known() {
    return arePrefixed
        ? "known id prefixes: "
            + backends.secondaries().stream()
                .map(backend -> of(backend) + " (" + backend.name() + ")")
                .collect(joining(", "))
        : "configured: " + backends.names();
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
