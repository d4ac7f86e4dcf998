package io.crirouter.examples.criproxy.cel;

import io.crirouter.core.BackendName;
import io.crirouter.core.RoutingPolicy;
import io.crirouter.testkit.contract.RoutingPolicyContract;
import java.util.Set;

/** The contract of policies, for expressions. */
class CelPolicyContractTest extends RoutingPolicyContract {
  private static final BackendName CONTAINERD = BackendName.of("containerd");
  private static final BackendName KATA = BackendName.of("kata");

  @Override
  protected RoutingPolicy policy() {
    return RoutingPolicy.firstOf(
        CelPolicy.condition("pod.privileged || pod.labels.exists(key, key == 'vm')", KATA),
        CelPolicy.naming("pod.hostNetwork ? 'containerd' : pod.name.matches('a+') ? 'kata' : ''"));
  }

  @Override
  protected Set<BackendName> backends() {
    return Set.of(CONTAINERD, KATA);
  }
}
