package io.crirouter.examples.criproxy.admin;

import java.util.List;

/**
 * One call that has ended. Of requests and responses it has only names, ids and status messages.
 *
 * @param at when it began, in ISO 8601
 * @param rpc the rpc
 * @param subject the pod, id or image that it is about; empty if it names none
 * @param pod NAMESPACE/NAME of the pod that it is about; empty if none is known
 * @param runtimes the runtimes that it was routed to
 * @param rule the rule of that routing; empty if it was refused before
 * @param policy the policy that named the runtime; empty if none did
 * @param code the gRPC status code
 * @param message the status message of the response, clipped
 * @param millis how long it took
 * @param requestBytes the size of the request
 * @param responseBytes the size of all response messages
 * @param parts the part of each runtime
 * @param lostBefore the number of entries dropped before this one, because the client read too
 *     slowly
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
   * The part of one runtime.
   *
   * @param runtime the runtime
   * @param rpc the rpc that it was called with
   * @param sent whether it was called
   * @param code the gRPC status code
   * @param millis how long it took
   * @param missedBudget whether it exceeded its time budget
   * @param lastKnown whether its last known state replaces its answer
   */
  record Part(
      String runtime,
      String rpc,
      boolean sent,
      String code,
      double millis,
      boolean missedBudget,
      boolean lastKnown) {}

  TraceEntry with(String podName, long lost) {
    return new TraceEntry(
        at,
        rpc,
        subject,
        podName,
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
