package io.crirouter.core;

import java.util.Map;
import java.util.Optional;

/** The pod names its runtime in an annotation. */
record TargetAnnotationPolicy(String key) implements RoutingPolicy {
  @Override
  public Optional<BackendName> forPod(PodView pod) {
    return target(pod.annotations());
  }

  @Override
  public Optional<BackendName> forImage(ImageView image) {
    return target(image.annotations());
  }

  private Optional<BackendName> target(Map<String, String> annotations) {
    return Optional.ofNullable(annotations.get(key)).map(this::parse);
  }

  private BackendName parse(String value) {
    try {
      return BackendName.of(value);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("annotation " + key + ": " + e.getMessage(), e);
    }
  }

  @Override
  public String toString() {
    return "annotation(" + key + ")";
  }
}
