package io.crirouter.core;

import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The pod's RuntimeClass decides. */
record RuntimeHandlerPolicy(Map<String, BackendName> backends) implements RoutingPolicy {
  @Override
  public Optional<BackendName> forPod(PodView pod) {
    return Optional.ofNullable(backends.get(pod.runtimeHandler()));
  }

  @Override
  public Optional<BackendName> forImage(ImageView image) {
    return Optional.ofNullable(backends.get(image.runtimeHandler()));
  }

  @Override
  public Set<String> runtimeHandlers() {
    return backends.keySet();
  }
}
