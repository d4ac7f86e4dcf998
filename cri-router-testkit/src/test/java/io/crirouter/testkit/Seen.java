package io.crirouter.testkit;

import io.grpc.Status;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Everything that a {@link RecordedScenario} has seen of a runtime.
 *
 * @param answers of the rpcs about the runtime itself, as texts
 * @param statusInfo the keys of the verbose information of Status
 * @param lacking by rpc, of those that the runtime does not have
 * @param situations how the calls ended that were made in them, in order
 * @param fields those that are set in answers, by rpc
 */
record Seen(
    Map<String, String> answers,
    Set<String> statusInfo,
    Map<String, Ended> lacking,
    List<Ended> situations,
    Map<String, Set<String>> fields) {

  /** How a call of a certain situation ended; the text is empty if it succeeded. */
  record Ended(String rpc, String situation, Status.Code code, String text) {}
}
