package io.crirouter.core;

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

  /** The backend that has it. */
  BackendName backend();

  /** What it is. */
  Kind kind();

  /** Its whole id at the runtime. */
  String runtimeId();

  /** Its whole id towards clients. */
  String clientId();

  /**
   * Its state by the name that CRI gives it: {@code SANDBOX_READY} or {@code CONTAINER_EXITED} for
   * example. Empty for an image.
   */
  String state();

  /**
   * Whether that is what was last known of it, since its runtime cannot be asked now. Otherwise it
   * is what the last list, call or event has shown.
   */
  boolean isLastKnown();
}
