package io.crirouter.core.backend;

import static java.util.stream.Collectors.joining;

import io.crirouter.core.BackendName;
import io.crirouter.core.RpcException;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.identity.Ids;
import io.crirouter.core.identity.ImageNames;
import io.crirouter.core.identity.Translation;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** The runtimes of one router: the primary and, in the order of configuration, the secondaries. */
public final class Backends {
  private final List<Backend> all;
  private final Map<BackendName, Backend> byName = new LinkedHashMap<>();

  /**
   * @param all the primary first
   * @throws IllegalArgumentException if two have the same name
   */
  public Backends(List<Backend> all) {
    this.all = List.copyOf(all);
    for (Backend backend : all) {
      if (byName.put(backend.name(), backend) != null) {
        throw new IllegalArgumentException("two runtimes are called " + backend.name());
      }
    }
  }

  /** Lets the backends translate; once, before the first call. */
  public void useTranslation(Ids ids, ImageNames images) {
    all.forEach(backend -> backend.useTranslation(new Translation(backend, ids, images)));
  }

  /** Every backend, the primary first. */
  public List<Backend> all() {
    return all;
  }

  /** The primary. */
  public Backend primary() {
    return all.get(0);
  }

  /** All but the primary. */
  public List<Backend> secondaries() {
    return all.subList(1, all.size());
  }

  /**
   * The backend that has something.
   *
   * @param thing what it has, for the error
   * @throws RpcException UNAVAILABLE if it is not configured any more: what it has may still run
   */
  public Backend owner(BackendName name, String thing) throws RpcException {
    Backend backend = byName.get(name);
    if (backend == null) {
      throw new RpcException(
          Code.UNAVAILABLE,
          String.format(
              "%s belongs to runtime %s, which was removed from the configuration; configured: %s",
              thing, name, names()));
    }
    return backend;
  }

  /**
   * The backend that a policy named.
   *
   * @param subject who asked for it, for the error
   * @throws RpcException FAILED_PRECONDITION if there is none, naming those that exist
   */
  public Backend require(BackendName name, Object subject) throws RpcException {
    Backend backend = byName.get(name);
    if (backend == null) {
      throw new RpcException(
          Code.FAILED_PRECONDITION,
          String.format(
              "%s asks for runtime '%s', which is not configured here; configured: %s",
              subject, name, names()));
    }
    return backend;
  }

  /** The names of all backends, for messages. */
  public String names() {
    return all.stream().map(backend -> backend.name().value()).collect(joining(", "));
  }

  /** Does something with each. */
  public void forEach(Consumer<Backend> action) {
    all.forEach(action);
  }
}
