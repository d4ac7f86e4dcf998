package io.crirouter.core;

/**
 * How the client names the images of secondaries. Image ids and digests ({@code sha256:...}) are
 * the same on both sides under every strategy, and so are all names at the primary.
 */
public enum ImageStrategy {
  /**
   * The images of the backend NAME are called {@code NAME/...}: the client sees whose each is, and
   * can send the image calls of any pod to a backend by the image's name.
   */
  NAME_PREFIX,
  /** Every backend's images have their plain names; one name may stand for an image of several. */
  SHARED_NAMES
}
