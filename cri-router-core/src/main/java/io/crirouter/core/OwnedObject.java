package io.crirouter.core;

import java.time.Instant;
import java.util.Optional;

/**
 * A pod sandbox, container or image of one backend, as far as the router knows it. See {@link
 * CriRouter#owners}. Immutable. The router makes it; methods may be added.
 */
public interface OwnedObject {
  /** The kinds of objects. */
  enum Kind {
    /** A pod sandbox. */
    POD_SANDBOX,
    /** A container. */
    CONTAINER,
    /** An image. */
    IMAGE
  }

  /**
   * What people call it: {@code NAMESPACE/NAME} of the pod, the name of the container, or the first
   * name of the image at its runtime. Empty if the runtime told none.
   */
  String name();

  /** The backend that has it. */
  BackendName backend();

  /** What it is. */
  Kind kind();

  /** Its whole id at the runtime. */
  String runtimeId();

  /** Its whole id towards clients. */
  String clientId();

  /** The id towards clients of the pod sandbox that a container is in; empty for all others. */
  String podSandboxId();

  /**
   * Its state by the name that CRI gives it: {@code SANDBOX_READY} or {@code CONTAINER_EXITED} for
   * example. Empty for an image.
   */
  String state();

  /** When a pod sandbox was created, by its runtime; empty for all others. */
  Optional<Instant> createdAt();

  /**
   * Whether that is what was last known of it, since its runtime cannot be asked now. Otherwise it
   * is what the last list, call or event has shown.
   */
  boolean isLastKnown();
}
