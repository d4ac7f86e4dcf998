package io.crirouter.core;

import java.util.List;
import java.util.Optional;

/** Which backends answer a call, and why. Immutable. The router makes it; methods may be added. */
public interface CallRoute {
  /** What a route was decided by. */
  enum Rule {
    /** The rpc is one that the primary alone answers. */
    PRIMARY_ONLY,
    /** The backend owns the pod sandbox or container that the request names. */
    OWNER,
    /** The pod has a sandbox at the backend, or may have one. */
    PLACED_BEFORE,
    /** A policy named the backend. */
    POLICY,
    /** No policy named a backend for the pod or image, so that the primary gets it. */
    DEFAULT,
    /** The image's name has the prefix of the backend, or has none and is the primary's. */
    IMAGE_NAME,
    /** The backends had a call for a pod about the same image a short time ago. */
    IMAGE_HINT,
    /** Every backend that can contribute is asked. */
    ALL
  }

  /** What the route was decided by. */
  Rule rule();

  /**
   * The backends that answer, the primary first if it is one of them. Empty if none can contribute,
   * so that the router answers with nothing.
   */
  List<BackendName> backends();

  /** The policy that named the backend: there is one if the rule is {@link Rule#POLICY}. */
  Optional<RoutingPolicy> policy();

  /**
   * What was decided about, for people: the id, the image name or the pod in the request. Empty if
   * there is none. Clipped to 256 characters.
   */
  String subject();

  /** The pod, if the call creates or restores one. */
  Optional<PodView> pod();
}
