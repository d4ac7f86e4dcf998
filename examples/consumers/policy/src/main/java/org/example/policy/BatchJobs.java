package org.example.policy;

import io.crirouter.core.BackendName;
import io.crirouter.core.PodView;
import io.crirouter.core.RoutingPolicy;
import java.util.Optional;

/** Pods labelled {@code tier: batch} go to the runtime for VMs, wherever they come from. */
public final class BatchJobs implements RoutingPolicy {
  private static final BackendName VMS = BackendName.of("vm.example");

  @Override
  public Optional<BackendName> forPod(PodView pod) {
    return "batch".equals(pod.labels().get("tier")) ? Optional.of(VMS) : Optional.empty();
  }
}
