package org.example.migration;

import static java.util.Objects.requireNonNull;

import io.crirouter.core.BackendName;
import io.crirouter.core.PodView;
import io.crirouter.core.RoutingPolicy;
import java.util.Optional;
import java.util.Set;

// snippet: own-policy
/** Drains a runtime namespace by namespace. New pods of waiting namespaces still run on it. */
record NamespacePolicy(BackendName drained, Set<String> waiting) implements RoutingPolicy {
  NamespacePolicy {
    requireNonNull(drained, "drained");
    waiting = Set.copyOf(waiting);
  }

  @Override
  public Optional<BackendName> forPod(PodView pod) {
    return waiting.contains(pod.namespace()) ? Optional.of(drained) : Optional.empty();
  }

  @Override
  public Set<BackendName> backends() {
    return waiting.isEmpty() ? Set.of() : Set.of(drained);
  }
}
// end
