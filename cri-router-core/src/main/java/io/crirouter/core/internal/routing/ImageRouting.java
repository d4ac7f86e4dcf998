package io.crirouter.core.internal.routing;

import io.crirouter.core.CallRoute.Rule;
import io.crirouter.core.ImageView;
import io.crirouter.core.PodView;
import io.crirouter.core.RpcException;
import io.crirouter.core.internal.backend.Backend;
import io.crirouter.core.internal.backend.Backends;
import io.crirouter.core.internal.inventory.ConfigSeen;
import io.crirouter.core.internal.inventory.Inventories;
import io.crirouter.core.internal.inventory.Inventory;
import io.crirouter.core.internal.routing.PolicyGuard.Choice;
import io.crirouter.core.internal.wire.MalformedMessageException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Decides which backend gets an image call. A call for a pod goes to the backend that has, or would
 * get, the pod, because the pod cannot use the image of another backend. ImageStatus and PullImage
 * are decided by the same rule; otherwise a kubelet would skip a pull that it needs. Thread-safe.
 */
public final class ImageRouting {
  private final Backends backends;
  private final PolicyGuard policy;
  private final Inventories inventories;

  /** Decides by the placements of pods, then by {@code policy}. */
  public ImageRouting(Backends backends, PolicyGuard policy, Inventories inventories) {
    this.backends = backends;
    this.policy = policy;
    this.inventories = inventories;
  }

  /**
   * The backend for a call without a pod.
   *
   * @param byName the backend whose prefix the image has, or null
   * @throws RpcException FAILED_PRECONDITION if the policy names a backend that is not configured
   */
  public Decision decideWithoutPod(ImageView image, @Nullable Backend byName) throws RpcException {
    Choice chosen = policy.forImage(image);
    if (chosen == null && byName != null) {
      return Decision.by(Rule.IMAGE_NAME, byName);
    }
    return decide(chosen, podOf(image), image);
  }

  private Decision decide(@Nullable Choice forImage, PodView pod, ImageView image)
      throws RpcException {
    Choice chosen = forImage == null ? policy.forPod(pod, image) : forImage;
    return chosen == null
        ? Decision.by(Rule.DEFAULT, backends.primary())
        : new Decision(backends.require(chosen.backend(), image), Rule.POLICY, chosen.policy());
  }

  /**
   * The backend for a call for a pod.
   *
   * @throws RpcException FAILED_PRECONDITION if the policy names a backend that is not configured
   */
  public Decision decide(ImageRequest request) throws RpcException, MalformedMessageException {
    ImageView image = request.view();
    Optional<PodView> pod = request.pod();
    @Nullable Inventory placed = inventories.ofConfigSeen(ConfigSeen.of(image.annotations()));
    if (placed == null && pod.isPresent()) {
      placed = placeOf(pod.get());
    }
    if (placed != null) {
      return Decision.by(Rule.PLACED_BEFORE, backends.owner(placed, image.toString()));
    }
    return decide(policy.forImage(image), pod.orElseGet(() -> podOf(image)), image);
  }

  private @Nullable Inventory placeOf(PodView pod) {
    Inventory placed = inventories.ofConfigSeen(ConfigSeen.of(pod.annotations()));
    return placed == null ? inventories.ofPod(pod.uid()) : placed;
  }

  /** The pod, as far as an image call has its fields. */
  private static PodView podOf(ImageView image) {
    return PodView.builder()
        .annotations(image.annotations())
        .runtimeHandler(image.runtimeHandler())
        .build();
  }
}
