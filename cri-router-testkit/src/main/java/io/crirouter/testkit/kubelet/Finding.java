package io.crirouter.testkit.kubelet;

import java.time.Instant;

/**
 * Something that a kubelet must never be led to believe or to do.
 *
 * @param kind what it is
 * @param at when it was noticed, in simulated time
 * @param text the pod, the id and what was seen
 */
public record Finding(Kind kind, Instant at, String text) {
  /** What can be found. */
  public enum Kind {
    /** What exists is missing from a list that succeeded. */
    VANISHED,
    /** What exists is NOT_FOUND, which kubelets take for gone. */
    NOT_FOUND,
    /** What was removed is listed again. */
    RESURRECTED,
    /** One id is in one list twice. */
    LISTED_TWICE,
    /** A pod has two ready sandboxes at a time: a kubelet kills both and starts anew. */
    SECOND_READY_SANDBOX,
    /** A container is listed without its sandbox, which crashes kubelets of 1.19 and 1.20. */
    SANDBOX_MISSING,
    /** What was not ready or had exited runs again. */
    STATE_WENT_BACK,
    /** A pod has failed although its container was not seen to end. */
    FAILED_POD,
    /** A container was killed because its probe got errors in place of an exit code. */
    KILLED_BY_PROBE,
    /** Image GC removed an image that a container uses. */
    IMAGE_IN_USE_REMOVED,
    /** An image was present, but a container of it could not be created because it was not. */
    IMAGE_WAS_ABSENT,
    /** An answer that kubelets do not accept: an empty id, or missing metadata. */
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
