package io.crirouter.core;

import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The pod's RuntimeClass decides. */
record RuntimeHandlerPolicy(Map<String, BackendName> targets) implements RoutingPolicy {
  @Override
  public Optional<BackendName> forPod(PodView pod) {
    return Optional.ofNullable(targets.get(pod.runtimeHandler()));
  }

  @Override
  public Optional<BackendName> forImage(ImageView image) {
    return Optional.ofNullable(targets.get(image.runtimeHandler()));
  }

  @Override
  public Set<String> runtimeHandlers() {
    return targets.keySet();
  }

  @Override
  public Set<BackendName> backends() {
    return Set.copyOf(targets.values());
  }

  @Override
  public String toString() {
    return "runtimeHandler(" + targets + ")";
  }
}
