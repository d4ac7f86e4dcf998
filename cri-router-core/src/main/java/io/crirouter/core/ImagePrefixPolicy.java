package io.crirouter.core;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * The beginning of an image's name decides about calls without a pod. For a pod the image has to be
 * at the pod's own runtime, whatever its name.
 */
record ImagePrefixPolicy(Map<String, BackendName> targets) implements RoutingPolicy {
  @Override
  public Optional<BackendName> forPod(PodView pod) {
    return Optional.empty();
  }

  @Override
  public Optional<BackendName> forImage(ImageView image) {
    String longest = null;
    for (String prefix : targets.keySet()) {
      boolean isLonger = longest == null || prefix.length() > longest.length();
      if (!image.isForPod() && isLonger && image.name().startsWith(prefix)) {
        longest = prefix;
      }
    }
    return Optional.ofNullable(longest).map(targets::get);
  }

  @Override
  public Set<BackendName> backends() {
    return Set.copyOf(targets.values());
  }

  @Override
  public String toString() {
    return "imagePrefix(" + new TreeMap<>(targets) + ")";
  }
}
