package io.crirouter.core.internal.routing;

import io.crirouter.core.BackendName;
import io.crirouter.core.CallRoute;
import io.crirouter.core.CallRoute.Rule;
import io.crirouter.core.PodPlacement;
import io.crirouter.core.PodView;
import io.crirouter.core.RoutingPolicy;
import io.crirouter.core.RpcException;
import io.crirouter.core.RpcStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Where a pod would go, as a value.
 *
 * @param route the decision
 * @param refusal why there is none
 * @param answers what each policy answers
 */
record Explanation(
    Optional<CallRoute> route, Optional<RpcStatus> refusal, List<PolicyAnswer> answers)
    implements PodPlacement {

  static Explanation of(PodView pod, Routing routing, PolicyGuard policy) {
    try {
      CallRoute route = routing.decide(pod).route(pod);
      boolean byPolicy = route.rule() != Rule.PLACED_BEFORE;
      return new Explanation(Optional.of(route), Optional.empty(), answers(pod, policy, byPolicy));
    } catch (RpcException e) {
      return new Explanation(Optional.empty(), Optional.of(e.status()), answers(pod, policy, true));
    }
  }

  private static List<PolicyAnswer> answers(PodView pod, PolicyGuard policy, boolean byPolicy) {
    List<PolicyAnswer> answers = new ArrayList<>();
    boolean open = byPolicy;
    for (RoutingPolicy step : policy.rules().steps()) {
      Optional<BackendName> backend = Optional.empty();
      Optional<RpcStatus> failure = Optional.empty();
      try {
        backend = policy.ask(step, pod, pod);
      } catch (RpcException e) {
        failure = Optional.of(e.status());
      }
      boolean isDecisive = open && (backend.isPresent() || failure.isPresent());
      open &= !isDecisive;
      answers.add(new Answer(step, backend, failure, isDecisive));
    }
    return List.copyOf(answers);
  }

  private record Answer(
      RoutingPolicy policy,
      Optional<BackendName> backend,
      Optional<RpcStatus> failure,
      boolean isDecisive)
      implements PolicyAnswer {
    @Override
    public String toString() {
      String answer =
          failure
              .map(RpcStatus::toString)
              .or(() -> backend.map(BackendName::value))
              .orElse("no decision");
      return policy + ": " + answer + (isDecisive ? " (decides)" : "");
    }
  }

  /** For people: the decision, then each policy in a line. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    route.ifPresent(text::append);
    refusal.ifPresent(text::append);
    answers.forEach(answer -> text.append("\n  ").append(answer));
    return text.toString();
  }
}
