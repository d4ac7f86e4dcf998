package io.crirouter.core;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** The first decision of several policies. */
record FirstOfPolicy(List<RoutingPolicy> policies) implements RoutingPolicy {
  @Override
  public Optional<BackendName> forPod(PodView pod) {
    return policies.stream().flatMap(policy -> policy.forPod(pod).stream()).findFirst();
  }

  @Override
  public Optional<BackendName> forImage(ImageView image) {
    return policies.stream().flatMap(policy -> policy.forImage(image).stream()).findFirst();
  }

  @Override
  public Set<String> runtimeHandlers() {
    Set<String> handlers = new TreeSet<>();
    policies.forEach(policy -> handlers.addAll(policy.runtimeHandlers()));
    return handlers;
  }
}
