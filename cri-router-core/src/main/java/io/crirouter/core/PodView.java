package io.crirouter.core;

import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableMap;
import java.util.Map;

/**
 * A new pod, as a {@link RoutingPolicy} sees it. Immutable.
 *
 * @param namespace the pod's namespace
 * @param name the pod's name
 * @param uid the pod's uid, the same on each retry
 * @param labels the pod's labels
 * @param annotations the pod's annotations
 * @param runtimeHandler the runtime handler that the pod's RuntimeClass asks for, empty if none
 * @param hostNetwork whether the pod shares the node's network namespace
 * @param hostPid whether it shares the node's process ids
 * @param hostIpc whether it shares the node's IPC namespace
 * @param privileged whether it may have privileged containers
 */
public record PodView(
    String namespace,
    String name,
    String uid,
    Map<String, String> labels,
    Map<String, String> annotations,
    String runtimeHandler,
    boolean hostNetwork,
    boolean hostPid,
    boolean hostIpc,
    boolean privileged) {

  /** Copies the maps. */
  public PodView {
    requireNonNull(namespace, "namespace");
    requireNonNull(name, "name");
    requireNonNull(uid, "uid");
    requireNonNull(runtimeHandler, "runtimeHandler");
    // Unlike those of Map.copyOf, lookups and copies stay quick if the hashes of keys collide.
    labels = ImmutableMap.copyOf(labels);
    annotations = ImmutableMap.copyOf(annotations);
  }

  /** A pod of which only the runtime handler is known. */
  public static PodView withRuntimeHandler(String handler) {
    return new PodView("", "", "", Map.of(), Map.of(), handler, false, false, false, false);
  }

  @Override
  public String toString() {
    return "pod " + namespace + "/" + name;
  }
}
