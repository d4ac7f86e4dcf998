package io.crirouter.core;

import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Properties of the pod decide; nothing that an image call tells.
 *
 * @param name what the policy is called, with its arguments
 * @param choice the backend for a pod, or null
 * @param backends those that it can name
 */
record PodPolicy(
    String name, Function<PodView, @Nullable BackendName> choice, Set<BackendName> backends)
    implements RoutingPolicy {
  @Override
  public Optional<BackendName> forPod(PodView pod) {
    return Optional.ofNullable(choice.apply(pod));
  }

  @Override
  public String toString() {
    return name;
  }
}
