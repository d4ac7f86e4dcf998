package io.crirouter.core;

/**
 * How the client names the images of secondaries. Image ids and digests ({@code sha256:...}) never
 * change, nor do the primary's names.
 */
public enum ImageStrategy {
  /**
   * The images of the backend NAME are called {@code NAME/...}. The name shows the owner, and image
   * calls without a pod go to it.
   */
  NAME_PREFIX,
  /**
   * The images of all backends have their plain names. Several backends may have an image of the
   * same name.
   */
  SHARED_NAMES
}
