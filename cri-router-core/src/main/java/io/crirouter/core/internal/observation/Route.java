package io.crirouter.core.internal.observation;

import io.crirouter.core.BackendName;
import io.crirouter.core.CallRoute;
import io.crirouter.core.PodView;
import io.crirouter.core.RoutingPolicy;
import java.util.List;
import java.util.Optional;

/**
 * A decision as a value.
 *
 * @param rule what decided
 * @param backends the backends that answer
 * @param policy the policy that decided
 * @param subject what was decided about, clipped
 * @param pod the pod that is created
 */
public record Route(
    Rule rule,
    List<BackendName> backends,
    Optional<RoutingPolicy> policy,
    String subject,
    Optional<PodView> pod)
    implements CallRoute {
  private static final int MAX_SUBJECT = 256;

  /** Copies the list, and clips the subject. */
  public Route {
    backends = List.copyOf(backends);
    subject = subject.length() <= MAX_SUBJECT ? subject : subject.substring(0, MAX_SUBJECT);
  }

  /** Backends that are chosen neither by a policy nor for a pod. */
  public static Route of(Rule rule, List<BackendName> backends, String subject) {
    return new Route(rule, backends, Optional.empty(), subject, Optional.empty());
  }

  /** For people: {@code pod default/web: virtlet.cloud by policy annotation(...)}. */
  @Override
  public String toString() {
    String who = backends.isEmpty() ? "no backend" : String.join(", ", names());
    String why = policy.map(decisive -> "policy " + decisive).orElseGet(rule::name);
    return (subject.isEmpty() ? "" : subject + ": ") + who + " by " + why;
  }

  private List<String> names() {
    return backends.stream().map(BackendName::value).toList();
  }
}
