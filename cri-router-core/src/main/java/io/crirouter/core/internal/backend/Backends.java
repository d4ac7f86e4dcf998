package io.crirouter.core.internal.backend;

import static java.util.stream.Collectors.joining;

import io.crirouter.core.BackendName;
import io.crirouter.core.BackendOptions;
import io.crirouter.core.RpcException;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.core.internal.call.ClippedText;
import io.crirouter.core.internal.inventory.Inventories;
import io.crirouter.core.internal.inventory.Inventory;
import io.crirouter.core.internal.inventory.Kind;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The backends of one router: the primary, the secondaries in the order in which they were added,
 * and those that are no longer configured but had pods before a restart. Secondaries can be added
 * and removed while calls are under way. Thread-safe.
 */
public final class Backends {
  private final BackendContext context;
  private final FormerBackends former;
  private final List<Consumer<Backend>> joinActions = new CopyOnWriteArrayList<>();
  private final List<Consumer<Backend>> leaveActions = new CopyOnWriteArrayList<>();
  private final Set<BackendName> leaving = new HashSet<>();

  /** The primary first; replaced as a whole. */
  private volatile List<Backend> all;

  /** All but the first of {@link #all}: every call asks for them. */
  private volatile List<Backend> secondaries;

  private Consumer<BackendConfig> joinCheck = config -> {};
  private @Nullable Function<Backend, Translator> translators;

  /**
   * The configured backends, and those that the saved inventories have besides.
   *
   * @param configs the primary first
   * @param forgotten removed backends whose ids are free again
   */
  public Backends(List<BackendConfig> configs, Set<BackendName> forgotten, BackendContext context) {
    this.context = context;
    Inventories inventories = context.inventories();
    List<Backend> backends = new ArrayList<>();
    configs.forEach(config -> backends.add(context.configured(config)));
    inventories
        .openUnconfigured()
        .forEach(inventory -> backends.add(context.unconfigured(inventory)));
    former = new FormerBackends(inventories.state(), forgotten);
    all = List.copyOf(backends);
    secondaries = all.subList(1, all.size());
    inventories.whenEmptied(this::dropUnconfigured);
  }

  private void replaceBy(List<Backend> others) {
    all = List.copyOf(others);
    secondaries = all.subList(1, others.size());
  }

  /**
   * Gives each backend its translator, once, before the first call. The id prefixes of secondaries
   * were checked then.
   *
   * @param joinCheck throws if a secondary must not be added
   * @param translatorOf makes the translator of a backend
   */
  public void useTranslators(
      Consumer<BackendConfig> joinCheck, Function<Backend, Translator> translatorOf) {
    this.joinCheck = joinCheck;
    this.translators = translatorOf;
    all.forEach(backend -> backend.useTranslator(translatorOf.apply(backend)));
    secondaries().stream().filter(Backend::isConfigured).forEach(former::returned);
  }

  /**
   * Calls {@code action}, without a lock, for each backend: now for those that exist, and for
   * others when they are added. They were not called yet then, and are not watched yet.
   */
  public void whenJoined(Consumer<Backend> action) {
    joinActions.add(action);
    all.forEach(action);
  }

  /**
   * Calls {@code action}, without a lock, for each backend that is removed. Calls to it can still
   * be under way.
   */
  public void whenLeft(Consumer<Backend> action) {
    leaveActions.add(action);
  }

  private void requireDifferent(BackendConfig config, @Nullable Backend itself) {
    all.stream()
        .filter(other -> other != itself && other.isConfigured())
        .forEach(other -> config.requireDifferentFrom(other.config()));
  }

  /**
   * Adds a secondary, behind the others.
   *
   * @throws IllegalArgumentException if its name is taken, or if its id prefix is or was that of
   *     another backend
   */
  public Backend add(BackendConfig config) {
    Backend backend;
    synchronized (this) {
      if (translators == null) {
        throw new IllegalStateException("the router is not complete yet");
      }
      requireDifferent(config, null);
      if (leaving.contains(config.name())) {
        throw new IllegalArgumentException(
            "runtime " + config.name() + " is still being removed: add it again in a moment");
      }
      joinCheck.accept(config);
      backend = context.configured(config);
      backend.useTranslator(translators.apply(backend));
      former.returned(backend);
      List<Backend> more = new ArrayList<>(all);
      more.removeIf(other -> other.inventory() == backend.inventory());
      more.add(backend);
      replaceBy(more);
    }
    joinActions.forEach(action -> action.accept(backend));
    return backend;
  }

  /**
   * Uses another configuration for a backend from the next call on. Its pods stay its own.
   *
   * @throws IllegalArgumentException if there is no such backend, if it is not the primary or a
   *     secondary as before, or if its ids or image names would change
   */
  public Backend change(BackendName name, RuntimeBackend runtime, BackendOptions options) {
    synchronized (this) {
      Backend backend = find(name);
      if (backend == null || translators == null) {
        throw new IllegalArgumentException(
            "there is no runtime " + name + " to change; configured: " + names());
      }
      BackendConfig config = new BackendConfig(name, backend.isPrimary(), runtime, options);
      if (!backend.isPrimary() && !config.idOwner().equals(backend.idOwner())) {
        throw fixed(name, "id prefix");
      }
      if (!options.images().equals(backend.options().images())) {
        throw fixed(name, "image strategy");
      }
      requireDifferent(config, backend);
      backend.change(config);
      backend.useTranslator(translators.apply(backend));
      return backend;
    }
  }

  private static IllegalArgumentException fixed(BackendName name, String what) {
    return new IllegalArgumentException(
        "the " + what + " of runtime " + name + " cannot change while the router runs");
  }

  /** Removes a secondary; false if it was removed before. Its ids are refused from then on. */
  public boolean remove(Backend backend) {
    synchronized (this) {
      if (backend.isPrimary() || !backend.admission().end()) {
        return false;
      }
      leaving.add(backend.name());
      former.left(backend);
      replaceBy(all.stream().filter(other -> other != backend).toList());
    }
    backend.end();
    leaveActions.forEach(action -> action.accept(backend));
    synchronized (this) {
      leaving.remove(backend.name());
    }
    return true;
  }

  /**
   * Removes a backend that is no longer configured, since all its objects turned out to be those of
   * a configured one.
   */
  private void dropUnconfigured(Inventory emptied) {
    for (Backend backend : all) {
      if (backend.inventory() == emptied && !backend.isConfigured() && remove(backend)) {
        former.returned(backend);
      }
    }
  }

  /** The backends that were removed. */
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
    return secondaries;
  }

  /** The configured backend of this name, or null. */
  public @Nullable Backend find(BackendName name) {
    for (Backend backend : all) {
      if (backend.name().equals(name) && backend.isConfigured()) {
        return backend;
      }
    }
    return null;
  }

  /**
   * The configured backend of this name, else one of this name that is no longer configured, else
   * null.
   */
  public @Nullable Backend findAny(BackendName name) {
    Backend configured = find(name);
    return configured != null
        ? configured
        : all.stream().filter(backend -> backend.name().equals(name)).findFirst().orElse(null);
  }

  /**
   * The backend with an inventory.
   *
   * @param thing the object in question, for the error message
   * @throws RpcException UNAVAILABLE if it was removed from the router; its objects may still run
   */
  public Backend owner(Inventory inventory, String thing) throws RpcException {
    for (Backend backend : all) {
      if (backend.inventory() == inventory) {
        return backend;
      }
    }
    throw new RpcException(
        Code.UNAVAILABLE,
        String.format(
            "%s belongs to runtime %s, which was removed from the router; configured: %s",
            ClippedText.of(thing), inventory.name(), names()));
  }

  /**
   * The backend that a policy named.
   *
   * @param subject what the policy decided about, for the error message
   * @throws RpcException FAILED_PRECONDITION if there is none, naming those that exist
   */
  public Backend require(BackendName name, Object subject) throws RpcException {
    Backend backend = find(name);
    if (backend == null) {
      throw new RpcException(
          Code.FAILED_PRECONDITION,
          String.format(
              "%s asks for runtime '%s', which is not configured here; configured: %s",
              ClippedText.of(subject), name, names()));
    }
    return backend;
  }

  /** The names of all backends that are configured, for messages. */
  public String names() {
    return all.stream()
        .filter(Backend::isConfigured)
        .map(backend -> backend.name().value())
        .collect(joining(", "));
  }

  /** Whether a secondary has pod sandboxes, as far as is known. */
  public boolean secondariesHavePods() {
    for (Backend secondary : secondaries) {
      if (secondary.hasContent() && secondary.inventory().count(Kind.POD_SANDBOX) > 0) {
        return true;
      }
    }
    return false;
  }
}
