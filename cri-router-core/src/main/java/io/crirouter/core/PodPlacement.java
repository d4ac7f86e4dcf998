package io.crirouter.core;

import java.util.List;
import java.util.Optional;

/**
 * Where a pod would go now, and why. See {@link CriRouter#explain}. Immutable. The router makes it;
 * methods may be added.
 */
public interface PodPlacement {
  /** The decision; empty if the pod would be refused. */
  Optional<CallRoute> route();

  /** Why the pod would be refused; empty if it would not. */
  Optional<RpcStatus> refusal();

  /**
   * What each policy answers, in their order. All of them are asked, also those behind the one that
   * decides, and also if the pod stays where it was placed before.
   */
  List<PolicyAnswer> answers();

  /** The answer of one policy. */
  interface PolicyAnswer {
    /** The policy. */
    RoutingPolicy policy();

    /** The backend that it names; empty if it has no decision. */
    Optional<BackendName> backend();

    /** Why it could not answer; empty if it could. */
    Optional<RpcStatus> failure();

    /** Whether this answer decided. */
    boolean isDecisive();
  }
}
