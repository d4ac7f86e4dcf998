package io.crirouter.core;

import java.util.Optional;
import java.util.Set;

/** A policy with a name for people. */
record NamedPolicy(String name, RoutingPolicy policy) implements RoutingPolicy {
  @Override
  public Optional<BackendName> forPod(PodView pod) {
    return policy.forPod(pod);
  }

  @Override
  public Optional<BackendName> forImage(ImageView image) {
    return policy.forImage(image);
  }

  @Override
  public Set<String> runtimeHandlers() {
    return policy.runtimeHandlers();
  }

  @Override
  public Set<BackendName> backends() {
    return policy.backends();
  }

  @Override
  public String toString() {
    return name;
  }
}
