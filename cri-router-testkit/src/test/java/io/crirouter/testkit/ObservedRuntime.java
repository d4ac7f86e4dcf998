package io.crirouter.testkit;

import io.grpc.Status;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The results of a {@link RecordedScenario} for a runtime.
 *
 * @param answers the responses of the rpcs about the runtime itself, as text
 * @param statusInfo the keys of the verbose info of Status
 * @param lacking the results of rpcs that the runtime lacks, by rpc
 * @param situations the results of the calls in special situations, in order
 * @param fields the fields that are set in responses, by rpc
 */
record ObservedRuntime(
    Map<String, String> answers,
    Set<String> statusInfo,
    Map<String, CallResult> lacking,
    List<CallResult> situations,
    Map<String, Set<String>> fields) {

  /** The result of a call in a situation. The text is empty if it succeeded. */
  record CallResult(String rpc, String situation, Status.Code code, String text) {}
}
