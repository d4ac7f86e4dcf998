package io.crirouter.core.route;

import io.crirouter.core.BackendName;
import io.crirouter.core.ImageView;
import io.crirouter.core.PodView;
import io.crirouter.core.RoutingPolicy;
import io.crirouter.core.RpcException;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.backend.Backend;
import io.crirouter.core.backend.Backends;
import io.crirouter.core.identity.ImageNames;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** Decides whose something new is: a pod, or an image for a pod. Thread-safe. */
public final class Whose {
  private final Backends backends;
  private final RoutingPolicy policy;
  private final Placements placements;
  private final ImageNames images;

  /** Decides by {@code policy}, and by where pods are already. */
  public Whose(Backends backends, RoutingPolicy policy, Placements placements, ImageNames images) {
    this.backends = backends;
    this.policy = policy;
    this.placements = placements;
    this.images = images;
  }

  /**
   * The backend for a pod's sandbox.
   *
   * @throws RpcException FAILED_PRECONDITION if the pod asks for a backend that there is not
   */
  public Backend pod(PodView pod) throws RpcException {
    return podOf(pod).orElse(backends.primary());
  }

  /**
   * The backend for a pod, or empty if nothing speaks for any.
   *
   * @throws RpcException FAILED_PRECONDITION if the pod asks for a backend that there is not
   */
  public Optional<Backend> podOf(PodView pod) throws RpcException {
    Backend placed = placements.of(pod.uid());
    if (placed != null) {
      return Optional.of(placed);
    }
    Optional<BackendName> chosen = ask(() -> policy.forPod(pod), pod);
    return chosen.isPresent() ? Optional.of(backends.require(chosen.get(), pod)) : Optional.empty();
  }

  /**
   * The one backend for an image call that a kubelet makes for a pod of which it tells the
   * annotations. An image that another backend has would be of no use to the pod.
   *
   * @throws RpcException FAILED_PRECONDITION if the pod asks for a backend that there is not
   */
  public Backend image(ImageView image) throws RpcException {
    Optional<BackendName> chosen = ask(() -> policy.forImage(image), image);
    if (chosen.isPresent()) {
      return backends.require(chosen.get(), image);
    }
    Backend prefixed = images.prefixOwner(image.name());
    if (prefixed != null) {
      return prefixed;
    }
    Backend placed = placements.of(image.annotations());
    return placed == null ? byDefault(image) : placed;
  }

  /** What the policy says of a pod of which no more is known than such a call tells. */
  private Backend byDefault(ImageView image) throws RpcException {
    PodView pod =
        new PodView(
            "",
            "",
            "",
            Map.of(),
            image.annotations(),
            image.runtimeHandler(),
            false,
            false,
            false,
            false);
    Optional<BackendName> chosen = ask(() -> policy.forPod(pod), image);
    return chosen.isPresent() ? backends.require(chosen.get(), image) : backends.primary();
  }

  /** A policy is the embedder's code: what it throws becomes an answer that says so. */
  private Optional<BackendName> ask(Supplier<Optional<BackendName>> question, Object subject)
      throws RpcException {
    try {
      return question.get();
    } catch (IllegalArgumentException e) {
      throw new RpcException(
          Code.FAILED_PRECONDITION,
          String.format("%s: %s; configured: %s", subject, e.getMessage(), backends.names()));
    } catch (RuntimeException e) {
      throw new RpcException(
          Code.INTERNAL, String.format("routing policy %s failed for %s: %s", policy, subject, e));
    }
  }
}
