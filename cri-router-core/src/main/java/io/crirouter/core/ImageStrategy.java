package io.crirouter.core;

import io.crirouter.core.internal.naming.PrefixedImages;
import io.crirouter.core.internal.naming.SharedImages;

/**
 * How a client names the images of a secondary. {@link #prefixed()} and {@link #shared()} are two
 * ways; implement it for names of your own form. Each secondary can have its own: {@link
 * BackendOptions#withImages}.
 *
 * <p>The router never asks about image ids and digests ({@code sha256:...}, 64 hexadecimal digits),
 * which are the same everywhere, nor about the primary, whose names never change.
 *
 * <p>The rules:
 *
 * <ul>
 *   <li>{@code toRuntime(backend, toClient(backend, ref))} is {@code ref}, for every ref that the
 *       runtime can answer.
 *   <li>What {@link #toClient} makes is an image reference: lower-case path, at most one tag and
 *       one digest.
 *   <li>At most one backend owns a name.
 *   <li>It is a pure function, thread-safe, fast, and never blocks. It returns no null and throws
 *       nothing.
 * </ul>
 *
 * <p>{@link CriRouter.Builder#build} and {@link CriRouter#add} check this with some names. A
 * strategy that breaks a rule, throws or returns null while the router runs fails the call with
 * INTERNAL, naming the strategy, and is logged as an error. {@code toString} is its name in these
 * messages.
 */
public interface ImageStrategy {
  /**
   * The client's name of an image.
   *
   * @param backend the secondary that has the image
   * @param ref a tag or digest reference as its runtime answers it, {@code
   *     docker.io/library/busybox:1.36} for example; never empty
   */
  String toClient(BackendName backend, String ref);

  /**
   * The name at the runtime of an image that a client names in a call to this backend. A name that
   * the strategy did not make is returned as it is: a pod may use the plain name of an image of its
   * own runtime.
   *
   * @param backend the secondary that gets the call
   * @param clientRef the name as the client wrote it, {@code busybox} for example; never empty
   */
  String toRuntime(BackendName backend, String clientRef);

  /**
   * Whether a name shows that the image is one of this backend. By default no name does.
   *
   * <p>A call without a pod that names it goes to this backend alone. A name that nobody owns can
   * be an image of the primary and of every secondary at which the client's name of {@code
   * toRuntime(backend, clientRef)} is that name again.
   *
   * <p>A pod of another backend that uses an owned name is refused if the first part of the name is
   * a host ({@code virtlet.cloud/...}): most likely its annotation was forgotten. Without a host
   * ({@code kata/...}) it can also be a user of Docker Hub, and stays with the pod's backend.
   */
  default boolean owns(BackendName backend, String clientRef) {
    return false;
  }

  /**
   * The images of the backend NAME are called {@code NAME/...}. The name shows the owner, and image
   * calls without a pod go to it.
   */
  static ImageStrategy prefixed() {
    return PrefixedImages.INSTANCE;
  }

  /**
   * Images have their plain names. Several backends may have an image of the same name; image calls
   * without a pod ask all of them.
   */
  static ImageStrategy shared() {
    return SharedImages.INSTANCE;
  }
}
