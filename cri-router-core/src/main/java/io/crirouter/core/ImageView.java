package io.crirouter.core;

import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableMap;
import java.util.Map;

/**
 * An image call that a kubelet makes for a pod, as a {@link RoutingPolicy} sees it. Such a call has
 * the pod's annotations and, behind a feature gate, its runtime handler. Immutable.
 *
 * @param name the image name as the client gave it
 * @param annotations the pod's annotations
 * @param runtimeHandler the pod's runtime handler, empty if unknown
 */
public record ImageView(String name, Map<String, String> annotations, String runtimeHandler) {
  /** Copies the map. */
  public ImageView {
    requireNonNull(name, "name");
    requireNonNull(runtimeHandler, "runtimeHandler");
    // Unlike those of Map.copyOf, lookups and copies stay quick if the hashes of keys collide.
    annotations = ImmutableMap.copyOf(annotations);
  }

  /** The pod, for messages. */
  @Override
  public String toString() {
    return "the pod that uses image " + name;
  }
}
