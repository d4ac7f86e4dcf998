package io.crirouter.testkit.kubelet;

import java.time.Instant;

/**
 * A wrong answer of a runtime, or a wrong action of the kubelet because of one.
 *
 * @param kind the kind of finding
 * @param at when it was found, in simulated time
 * @param text the pod, the id and what was observed
 */
public record Finding(Kind kind, Instant at, String text) {
  /** The kinds of findings. */
  public enum Kind {
    /** A sandbox or container that exists is missing from a successful list. */
    VANISHED,
    /** A call about a sandbox or container that exists ended with NOT_FOUND. */
    NOT_FOUND,
    /** A removed sandbox or container is listed again. */
    RESURRECTED,
    /** An id is in a list twice. */
    LISTED_TWICE,
    /** A pod has two ready sandboxes. A kubelet kills both and starts a new one. */
    SECOND_READY_SANDBOX,
    /** A container is listed without its sandbox, which crashes kubelets of 1.19 and 1.20. */
    SANDBOX_MISSING,
    /** A sandbox that was not ready, or a container that had exited, runs again. */
    STATE_WENT_BACK,
    /** A pod has failed although the end of its container was not observed. */
    FAILED_POD,
    /** A container was killed because its probe got errors instead of an exit code. */
    KILLED_BY_PROBE,
    /** Image GC removed an image that a container uses. */
    IMAGE_IN_USE_REMOVED,
    /** An image was reported as present, but creating a container failed because it was absent. */
    IMAGE_WAS_ABSENT,
    /** A response that kubelets do not accept: an empty id, or missing metadata. */
    MALFORMED_ANSWER,
    /** The node turned NotReady. */
    NODE_NOT_READY,
    /** Container events were given up until the kubelet restarts, after five broken streams. */
    EVENTS_GIVEN_UP
  }

  @Override
  public String toString() {
    return at + " " + kind + ": " + text;
  }
}
