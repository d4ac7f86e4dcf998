package io.crirouter.core.internal.routing;

import io.crirouter.core.CallRoute.Rule;
import io.crirouter.core.PodView;
import io.crirouter.core.RoutingPolicy;
import io.crirouter.core.internal.backend.Backend;
import io.crirouter.core.internal.observation.CallTrace;
import io.crirouter.core.internal.observation.Route;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The backend for a new pod or an image, and why.
 *
 * @param backend the backend
 * @param rule what decided
 * @param policy the policy that decided, or null
 */
public record Decision(Backend backend, Rule rule, @Nullable RoutingPolicy policy) {
  static Decision by(Rule rule, Backend backend) {
    return new Decision(backend, rule, null);
  }

  /** Notes this decision about {@code pod}. */
  public void note(CallTrace trace, PodView pod) {
    if (trace.isObserved()) {
      trace.routed(route(pod));
    }
  }

  /** Notes this decision about an image. */
  public void note(CallTrace trace, String image) {
    if (trace.isObserved()) {
      trace.routed(route(image, Optional.empty()));
    }
  }

  Route route(PodView pod) {
    return route(pod.toString(), Optional.of(pod));
  }

  private Route route(String subject, Optional<PodView> pod) {
    return new Route(rule, List.of(backend.name()), Optional.ofNullable(policy), subject, pod);
  }
}
