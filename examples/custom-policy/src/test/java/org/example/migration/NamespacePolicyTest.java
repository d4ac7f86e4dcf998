package org.example.migration;

import static org.example.migration.NodeMigration.NEXT;
import static org.example.migration.NodeMigration.OLD;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.crirouter.core.BackendName;
import io.crirouter.core.PodView;
import io.crirouter.core.RoutingPolicy;
import io.crirouter.testkit.contract.RoutingPolicyContract;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class NamespacePolicyTest extends RoutingPolicyContract {
  @Override
  protected RoutingPolicy policy() {
    return new NamespacePolicy(OLD, Set.of("team-a"));
  }

  @Override
  protected Set<BackendName> backends() {
    return Set.of(OLD, NEXT);
  }

  @Test
  void podsOfWaitingNamespacesRunOnTheOldRuntime() {
    // snippet: pod-view
    PodView pod = PodView.builder().namespace("team-a").name("web").build();
    Optional<BackendName> backend = new NamespacePolicy(OLD, Set.of("team-a")).forPod(pod);
    // end
    assertEquals(Optional.of(OLD), backend);
    assertEquals(Optional.empty(), policy().forPod(PodView.builder().namespace("team-b").build()));
  }
}
