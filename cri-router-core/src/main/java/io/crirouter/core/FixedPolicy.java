package io.crirouter.core;

import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Pods of one kind go to one backend.
 *
 * @param name what the policy is called, with its arguments
 * @param kind which pods
 */
record FixedPolicy(String name, Predicate<PodView> kind, BackendName target)
    implements RoutingPolicy {
  @Override
  public Optional<BackendName> forPod(PodView pod) {
    return kind.test(pod) ? Optional.of(target) : Optional.empty();
  }

  @Override
  public Set<BackendName> backends() {
    return Set.of(target);
  }

  @Override
  public String toString() {
    return name;
  }
}
