package io.crirouter.examples.criproxy.admin;

import java.util.List;

/**
 * The objects with an id, or with an id that begins with it.
 *
 * @param owners a thousand objects at most
 */
record OwnersReport(List<Owner> owners) {
  /**
   * One pod sandbox, container or image at one runtime.
   *
   * @param kind pod, container or image
   * @param name NAMESPACE/NAME of a pod, else its own name; empty if unknown
   * @param runtime the runtime that has it
   * @param id its id towards clients
   * @param runtimeId its id at the runtime
   * @param podId the id towards clients of the pod sandbox that a container is in; else empty
   * @param state its state in CRI; empty for an image
   * @param lastKnown whether this is the last known state, because the runtime cannot be asked
   */
  record Owner(
      String kind,
      String name,
      String runtime,
      String id,
      String runtimeId,
      String podId,
      String state,
      boolean lastKnown) {}
}
