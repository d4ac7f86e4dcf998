package io.crirouter.core.internal.routing;

import io.crirouter.core.BackendName;
import io.crirouter.core.PodView;
import io.crirouter.core.RpcException;
import io.crirouter.core.internal.backend.Backend;
import io.crirouter.core.internal.backend.Backends;
import io.crirouter.core.internal.inventory.Inventories;
import io.crirouter.core.internal.inventory.Inventory;
import java.util.Optional;

/**
 * Decides which backend gets a new pod sandbox. A pod that has a sandbox, or may have one, stays
 * where that is, whatever the policy says now: a kubelet retries with the same uid, and two
 * sandboxes of one pod make it kill both. Thread-safe.
 */
public final class PodRouting {
  private final Backends backends;
  private final PolicyGuard policy;
  private final Inventories inventories;

  /** Decides by {@code policy}, and by where pods are already. */
  public PodRouting(Backends backends, PolicyGuard policy, Inventories inventories) {
    this.backends = backends;
    this.policy = policy;
    this.inventories = inventories;
  }

  /**
   * The backend for a pod's sandbox.
   *
   * @throws RpcException FAILED_PRECONDITION if the pod asks for a backend that there is not
   */
  public Backend backendOf(PodView pod) throws RpcException {
    Inventory placed = inventories.ofPod(pod.uid());
    if (placed != null) {
      return backends.owner(placed, pod.toString());
    }
    Optional<BackendName> chosen = policy.forPod(pod, pod);
    return chosen.isPresent() ? backends.require(chosen.get(), pod) : backends.primary();
  }
}
