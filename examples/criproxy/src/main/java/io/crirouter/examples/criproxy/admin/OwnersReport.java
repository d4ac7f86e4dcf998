package io.crirouter.examples.criproxy.admin;

import java.util.List;

/**
 * What has an id, or an id that begins with it.
 *
 * @param owners all that is known so, a thousand at most
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
   * @param state what CRI calls its state; empty for an image
   * @param lastKnown whether that is what was last known, since the runtime cannot be asked
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
