package io.crirouter.examples.criproxy.admin;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The routing decision for a pod.
 *
 * @param pod NAMESPACE/NAME
 * @param runtime the runtime; null if the pod would be refused
 * @param rule POLICY, DEFAULT (no policy named a runtime) or PLACED_BEFORE; null if refused
 * @param policy the policy that decided; null if none did
 * @param refusal why the pod would be refused; null if it would not
 * @param runtimeState the state of the runtime, as in a status report; null if refused
 * @param answers the answer of each policy, in their order
 */
record PlacementReport(
    String pod,
    @Nullable String runtime,
    @Nullable String rule,
    @Nullable String policy,
    @Nullable String refusal,
    @Nullable String runtimeState,
    List<Answer> answers) {

  /**
   * The answer of one policy.
   *
   * @param policy the policy
   * @param runtime the runtime that it names; null if it names none
   * @param refusal why it refuses the pod; null if it does not
   * @param decides whether this answer is decisive
   */
  record Answer(
      String policy, @Nullable String runtime, @Nullable String refusal, boolean decides) {}
}
