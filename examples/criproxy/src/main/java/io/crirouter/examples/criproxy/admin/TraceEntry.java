package io.crirouter.examples.criproxy.admin;

import java.util.List;

/**
 * One call that has ended. It has names, ids and the words of statuses, but nothing else of what
 * requests and responses contain.
 *
 * @param at when it began, in ISO 8601
 * @param rpc the rpc
 * @param subject the pod, id or image that it is about; empty if it names none
 * @param pod NAMESPACE/NAME of the pod that it is about; empty if none is known
 * @param runtimes the runtimes that answered
 * @param rule why those; empty if it was refused before
 * @param policy the policy that named the runtime; empty if none did
 * @param code the gRPC status code
 * @param message what the client was told, clipped
 * @param millis how long it took
 * @param requestBytes the size of the request
 * @param responseBytes the size of all that was answered
 * @param parts what each runtime contributed
 * @param lostBefore how many entries before this one were not shown, since they were not read fast
 *     enough
 */
record TraceEntry(
    String at,
    String rpc,
    String subject,
    String pod,
    List<String> runtimes,
    String rule,
    String policy,
    String code,
    String message,
    double millis,
    long requestBytes,
    long responseBytes,
    List<Part> parts,
    long lostBefore) {

  /**
   * What one runtime contributed.
   *
   * @param runtime the runtime
   * @param rpc the rpc there
   * @param sent whether it was called
   * @param code the gRPC status code
   * @param millis how long it took
   * @param missedBudget whether it was too slow to be waited for
   * @param lastKnown whether its last known state stands in for its answer
   */
  record Part(
      String runtime,
      String rpc,
      boolean sent,
      String code,
      double millis,
      boolean missedBudget,
      boolean lastKnown) {}

  TraceEntry with(String itsPod, long lost) {
    return new TraceEntry(
        at,
        rpc,
        subject,
        itsPod,
        runtimes,
        rule,
        policy,
        code,
        message,
        millis,
        requestBytes,
        responseBytes,
        parts,
        lost);
  }
}
