package io.crirouter.examples.criproxy.admin;

import java.util.List;

/**
 * All pods of all runtimes.
 *
 * @param pods the pods, by namespace and name
 */
record PodsReport(List<Pod> pods) {
  /**
   * One pod sandbox.
   *
   * @param namespace the pod's namespace
   * @param name the pod's name
   * @param runtime the runtime that has it
   * @param id its id towards clients
   * @param runtimeId its id at the runtime
   * @param state its state in CRI
   * @param createdAt when it was created, in ISO 8601; empty if unknown
   * @param containers the number of its containers
   * @param running the number of its running containers
   * @param lastKnown whether this is the last known state, because the runtime cannot be asked
   */
  record Pod(
      String namespace,
      String name,
      String runtime,
      String id,
      String runtimeId,
      String state,
      String createdAt,
      int containers,
      int running,
      boolean lastKnown) {}
}
