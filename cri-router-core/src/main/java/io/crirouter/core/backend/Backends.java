package io.crirouter.core.backend;

import static java.util.stream.Collectors.joining;

import io.crirouter.core.BackendName;
import io.crirouter.core.RpcException;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.identity.Ids;
import io.crirouter.core.identity.ImageNames;
import io.crirouter.core.identity.Translation;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The runtimes of one router: the primary and, in the order of their coming, the secondaries, which
 * can be added and removed while calls pass. Who keeps something about a backend hears of its
 * coming and leaving as an {@link Observer}. Thread-safe.
 */
public final class Backends {
  private final FormerBackends former = new FormerBackends();
  private final List<Observer> observers = new CopyOnWriteArrayList<>();
  private final Set<BackendName> leaving = new HashSet<>();

  /** The primary first; replaced as a whole. */
  private volatile List<Backend> all;

  private Consumer<Backend> admission = backend -> {};
  private @Nullable Function<Backend, Translation> translations;

  /** Who must know which backends there are, now and later. Calls no foreign code in a lock. */
  public interface Observer {
    /** The backend is there; no call was made to it yet, and it is not watched yet. */
    void joined(Backend backend);

    /** The backend was removed; calls to it can still be under way. */
    default void left(Backend backend) {}
  }

  /**
   * @param all the primary first
   * @throws IllegalArgumentException if two have the same name
   */
  public Backends(List<Backend> all) {
    this.all = List.copyOf(all);
    Set<BackendName> names = new HashSet<>();
    for (Backend backend : all) {
      if (!names.add(backend.name())) {
        throw sameName(backend.name());
      }
    }
  }

  private static IllegalArgumentException sameName(BackendName name) {
    return new IllegalArgumentException("two runtimes are called " + name);
  }

  /** Lets the backends translate; once, before the first call. */
  public void useTranslation(Ids ids, ImageNames images) {
    admission = ids::requireDistinct;
    translations = backend -> new Translation(backend, ids, images);
    all.forEach(backend -> backend.useTranslation(new Translation(backend, ids, images)));
  }

  /** Tells {@code observer} of each backend, at once of those that are there. */
  public void observe(Observer observer) {
    observers.add(observer);
    all.forEach(observer::joined);
  }

  /**
   * Adds a secondary, behind the others.
   *
   * @throws IllegalArgumentException if its name is taken, or its ids could not be told from those
   *     of another that is or was there
   */
  public synchronized void add(Backend backend) {
    if (translations == null) {
      throw new IllegalStateException("the router is not complete yet");
    }
    if (find(backend.name()) != null) {
      throw sameName(backend.name());
    }
    if (leaving.contains(backend.name())) {
      throw new IllegalArgumentException(
          "runtime " + backend.name() + " is still being removed: add it again in a moment");
    }
    admission.accept(backend);
    backend.useTranslation(translations.apply(backend));
    backend.restore();
    former.returned(backend);
    List<Backend> more = new ArrayList<>(all);
    more.add(backend);
    all = List.copyOf(more);
    observers.forEach(observer -> observer.joined(backend));
  }

  /**
   * Removes a secondary for good; false if that was done before. What it had is nobody's then: ids
   * of it are refused.
   */
  public boolean remove(Backend backend) {
    synchronized (this) {
      if (backend.isPrimary() || !backend.admission().end()) {
        return false;
      }
      leaving.add(backend.name());
      former.left(backend);
      all = all.stream().filter(other -> other != backend).toList();
    }
    backend.end();
    observers.forEach(observer -> observer.left(backend));
    synchronized (this) {
      leaving.remove(backend.name());
    }
    return true;
  }

  /** Those that were removed. */
  public FormerBackends former() {
    return former;
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
    List<Backend> now = all;
    return now.subList(1, now.size());
  }

  /** The backend of this name, or null. */
  public @Nullable Backend find(BackendName name) {
    return all.stream().filter(backend -> backend.name().equals(name)).findFirst().orElse(null);
  }

  /**
   * The backend that has something.
   *
   * @param thing what it has, for the error
   * @throws RpcException UNAVAILABLE if it is not configured any more: what it has may still run
   */
  public Backend owner(BackendName name, String thing) throws RpcException {
    Backend backend = find(name);
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
    Backend backend = find(name);
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
