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
 * What a {@link RouterExtension} starts for each test.
 *
 * @param members how each runtime is made, by name, the primary first
 * @param options what the router knows of those that are not like others, by name
 * @param absent the names of those that do not serve from the start
 * @param throttled how those answer that are not to answer all at once, by name
 * @param configuration applied to the router last
 * @param patience how long what is on its way out may take before it counts as leaked
 */
record RouterPlan(
    Map<String, Source> members,
    Map<String, BackendOptions> options,
    Set<String> absent,
    Map<String, Consumer<SlowLink>> throttled,
    Consumer<CriRouter.Builder> configuration,
    Duration patience) {

  /** Makes the runtime for a test. */
  interface Source {
    /**
     * Makes it.
     *
     * @param closeAtEnd takes what is to be closed when the router ends
     */
    TestRuntime make(Consumer<AutoCloseable> closeAtEnd);
  }

  /**
   * Copies and checks.
   *
   * @throws IllegalStateException if there is no primary, or no runtime of a name in the others
   */
  RouterPlan {
    members = Collections.unmodifiableMap(new LinkedHashMap<>(members));
    options = Map.copyOf(options);
    absent = Set.copyOf(absent);
    throttled = Map.copyOf(throttled);
    if (members.isEmpty()) {
      throw new IllegalStateException("a router needs a primary(name)");
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
      throw new IllegalStateException("not all of " + some + " are among " + names);
    }
  }
}
