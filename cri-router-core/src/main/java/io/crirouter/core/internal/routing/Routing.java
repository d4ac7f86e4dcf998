package io.crirouter.core.internal.routing;

import io.crirouter.core.CallRoute.Rule;
import io.crirouter.core.ImageView;
import io.crirouter.core.PodPlacement;
import io.crirouter.core.PodView;
import io.crirouter.core.RpcException;
import io.crirouter.core.internal.backend.Backend;
import io.crirouter.core.internal.backend.Backends;
import io.crirouter.core.internal.inventory.ConfigSeen;
import io.crirouter.core.internal.inventory.Inventories;
import io.crirouter.core.internal.inventory.Inventory;
import io.crirouter.core.internal.routing.PolicyGuard.Choice;
import io.crirouter.core.internal.routing.PolicyGuard.Rules;
import io.crirouter.core.internal.wire.MalformedMessageException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Decides which backend gets a new pod sandbox or an image call. A pod that has, or may have, a
 * sandbox stays with its backend, whatever the policy says now: a kubelet retries with the same
 * uid, and kills both of two sandboxes of one pod.
 *
 * <p>An image call for a pod goes to the backend that has, or would get, the pod, because the pod
 * cannot use the image of another backend. ImageStatus and PullImage are decided by the same rule;
 * otherwise a kubelet would skip a pull that it needs. Thread-safe.
 */
public final class Routing {
  private final Backends backends;
  private final PolicyGuard policy;
  private final Inventories inventories;

  /** Decides by the placements of pods, then by {@code policy}. */
  public Routing(Backends backends, PolicyGuard policy, Inventories inventories) {
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
    return placed == null ? byPolicy(policy.rules(), null, pod, pod) : placed(placed, pod);
  }

  /**
   * The backend for an image call for a pod.
   *
   * @throws RpcException FAILED_PRECONDITION if the policy names a backend that is not configured
   */
  public Decision decide(ImageRequest request) throws RpcException, MalformedMessageException {
    ImageView image = request.view();
    Optional<PodView> pod = request.pod();
    @Nullable Inventory placed = inventories.ofConfigSeen(ConfigSeen.of(image.annotations()));
    if (placed == null && pod.isPresent()) {
      placed = inventories.ofPod(pod.get().uid());
    }
    if (placed != null) {
      return placed(placed, image);
    }
    Rules rules = policy.rules();
    return byPolicy(rules, rules.forImage(image), pod.orElseGet(() -> podOf(image)), image);
  }

  /**
   * The backend for an image call without a pod.
   *
   * @param byName the backend whose prefix the image has, or null
   * @throws RpcException FAILED_PRECONDITION if the policy names a backend that is not configured
   */
  public Decision decideWithoutPod(ImageView image, @Nullable Backend byName) throws RpcException {
    Rules rules = policy.rules();
    Choice chosen = rules.forImage(image);
    return chosen == null && byName != null
        ? Decision.by(Rule.IMAGE_NAME, byName)
        : byPolicy(rules, chosen, podOf(image), image);
  }

  private Decision placed(Inventory inventory, Object subject) throws RpcException {
    return Decision.by(Rule.PLACED_BEFORE, backends.owner(inventory, subject.toString()));
  }

  /**
   * Decides by the policies, and sends to the primary what they leave open.
   *
   * @param forImage what they say of the image, or null
   * @param subject what the decision is about, for the error message
   */
  private Decision byPolicy(Rules rules, @Nullable Choice forImage, PodView pod, Object subject)
      throws RpcException {
    Choice chosen = forImage == null ? rules.forPod(pod, subject) : forImage;
    return chosen == null
        ? Decision.by(Rule.DEFAULT, backends.primary())
        : new Decision(backends.require(chosen.backend(), subject), Rule.POLICY, chosen.policy());
  }

  /** The pod, as far as an image call has its fields. */
  private static PodView podOf(ImageView image) {
    return PodView.builder()
        .annotations(image.annotations())
        .runtimeHandler(image.runtimeHandler())
        .build();
  }
}
