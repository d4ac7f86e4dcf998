package io.crirouter.core;

import static java.util.stream.Collectors.joining;

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

  @Override
  public Set<BackendName> backends() {
    Set<BackendName> backends = new TreeSet<>();
    policies.forEach(policy -> backends.addAll(policy.backends()));
    return backends;
  }

  @Override
  public List<RoutingPolicy> steps() {
    return policies.stream().flatMap(policy -> policy.steps().stream()).toList();
  }

  @Override
  public String toString() {
    return "firstOf(" + policies.stream().map(Object::toString).collect(joining(", ")) + ")";
  }
}
