package io.crirouter.core.internal.routing;

import io.crirouter.core.CallRoute.Rule;
import io.crirouter.core.PodPlacement;
import io.crirouter.core.PodView;
import io.crirouter.core.RpcException;
import io.crirouter.core.internal.backend.Backends;
import io.crirouter.core.internal.inventory.Inventories;
import io.crirouter.core.internal.inventory.Inventory;
import io.crirouter.core.internal.routing.PolicyGuard.Choice;

/**
 * Decides which backend gets a new pod sandbox. A pod that has, or may have, a sandbox stays with
 * its backend, whatever the policy says now: a kubelet retries with the same uid, and kills both of
 * two sandboxes of one pod. Thread-safe.
 */
public final class PodRouting {
  private final Backends backends;
  private final PolicyGuard policy;
  private final Inventories inventories;

  /** Decides by the placements of pods, then by {@code policy}. */
  public PodRouting(Backends backends, PolicyGuard policy, Inventories inventories) {
    this.backends = backends;
    this.policy = policy;
    this.inventories = inventories;
  }

  /** Where the pod would go now, and what each policy says. */
  public PodPlacement explain(PodView pod) {
    return Explanation.of(pod, this, policy);
  }

  /**
   * The backend for a pod's sandbox.
   *
   * @throws RpcException FAILED_PRECONDITION if the policy names a backend that is not configured
   */
  public Decision decide(PodView pod) throws RpcException {
    Inventory placed = inventories.ofPod(pod.uid());
    if (placed != null) {
      return Decision.by(Rule.PLACED_BEFORE, backends.owner(placed, pod.toString()));
    }
    Choice chosen = policy.forPod(pod, pod);
    return chosen == null
        ? Decision.by(Rule.DEFAULT, backends.primary())
        : new Decision(backends.require(chosen.backend(), pod), Rule.POLICY, chosen.policy());
  }
}
