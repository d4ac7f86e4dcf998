package io.crirouter.examples.criproxy.admin;

import io.crirouter.core.BackendName;
import io.crirouter.core.BackendState;
import io.crirouter.core.CallRoute;
import io.crirouter.core.CriRouter;
import io.crirouter.core.PodPlacement;
import io.crirouter.core.RpcStatus;
import io.crirouter.examples.criproxy.admin.PlacementReport.Answer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Makes placement reports. */
final class Placements {
  private Placements() {}

  static PlacementReport report(CriRouter router, PodQuery query) {
    PodPlacement placement = router.explain(query.view());
    Optional<CallRoute> route = placement.route();
    Optional<BackendName> backend =
        route.flatMap(decided -> decided.backends().stream().findFirst());
    return new PlacementReport(
        query.namespace() + "/" + query.name(),
        backend.map(BackendName::value).orElse(null),
        route.map(decided -> decided.rule().name()).orElse(null),
        route.flatMap(CallRoute::policy).map(Object::toString).orElse(null),
        placement.refusal().map(RpcStatus::message).orElse(null),
        backend.map(name -> state(router, name)).orElse(null),
        placement.answers().stream()
            .map(
                answer ->
                    new Answer(
                        answer.policy().toString(),
                        answer.backend().map(BackendName::value).orElse(null),
                        answer.failure().map(RpcStatus::message).orElse(null),
                        answer.isDecisive()))
            .toList());
  }

  private static @Nullable String state(CriRouter router, BackendName name) {
    return router.backends().stream()
        .filter(state -> state.name().equals(name))
        .map(BackendState::phase)
        .map(StatusReporter::word)
        .findFirst()
        .orElse(null);
  }
}
