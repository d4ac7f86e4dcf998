package io.crirouter.core;

import static java.util.Objects.requireNonNull;

import java.util.Map;

/**
 * What a {@link RoutingPolicy} sees of an image call that a kubelet makes for a pod. Little of the
 * pod is known then: its annotations, and behind a feature gate its runtime handler. Immutable.
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
    annotations = Map.copyOf(annotations);
  }

  /** As messages name the pod, of which no more is known. */
  @Override
  public String toString() {
    return "the pod that uses image " + name;
  }
}
