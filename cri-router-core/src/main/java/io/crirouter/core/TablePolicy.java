package io.crirouter.core;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One property of the pod decides.
 *
 * @param name what the policy is called, with its arguments
 * @param property the property of a pod
 * @param targets the backend for each value
 */
record TablePolicy(
    String name, Function<PodView, @Nullable String> property, Map<String, BackendName> targets)
    implements RoutingPolicy {
  @Override
  public Optional<BackendName> forPod(PodView pod) {
    return Optional.ofNullable(property.apply(pod)).map(targets::get);
  }

  @Override
  public Set<BackendName> backends() {
    return Set.copyOf(targets.values());
  }

  @Override
  public String toString() {
    return name;
  }
}
