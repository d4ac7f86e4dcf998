package io.crirouter.testkit;

import io.crirouter.core.BackendOptions;
import io.crirouter.core.CriRouter;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The configuration of a {@link RouterExtension}.
 *
 * @param members the source of each runtime by name, the primary first
 * @param options the options of runtimes by name; others have the default
 * @param absent the names of runtimes whose servers do not run from the start
 * @param throttled the setup of the {@link SlowLink} in front of a runtime, by name
 * @param configuration applied to the router last
 * @param gracePeriod how long threads and calls may take to end before they count as leaked
 */
record RouterPlan(
    Map<String, Source> members,
    Map<String, BackendOptions> options,
    Set<String> absent,
    Map<String, Consumer<SlowLink>> throttled,
    Consumer<CriRouter.Builder> configuration,
    Duration gracePeriod) {

  /** Creates a runtime. */
  interface Source {
    /**
     * Creates the runtime.
     *
     * @param closeAtEnd takes resources that are closed with the router
     */
    TestRuntime make(Consumer<AutoCloseable> closeAtEnd);
  }

  /**
   * Copies the collections and checks the names.
   *
   * @throws IllegalStateException if there is no primary, or if a name is not one of a member
   */
  RouterPlan {
    members = Collections.unmodifiableMap(new LinkedHashMap<>(members));
    options = Map.copyOf(options);
    absent = Set.copyOf(absent);
    throttled = Map.copyOf(throttled);
    if (members.isEmpty()) {
      throw new IllegalStateException("the router has no primary: call primary(name)");
    }
    requireAmong(members.keySet(), options.keySet());
    requireAmong(members.keySet(), absent);
    requireAmong(members.keySet(), throttled.keySet());
  }

  BackendOptions optionsOf(String name) {
    return options.getOrDefault(name, BackendOptions.DEFAULT);
  }

  private static void requireAmong(Set<String> names, Set<String> some) {
    if (!names.containsAll(some)) {
      throw new IllegalStateException(
          "unknown runtimes in " + some + "; the runtimes are " + names);
    }
  }
}
