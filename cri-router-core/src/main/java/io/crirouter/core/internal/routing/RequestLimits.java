package io.crirouter.core.internal.routing;

import io.crirouter.core.RpcException;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.internal.call.ClippedText;
import java.util.function.Supplier;

/**
 * Limits of what is read from a request to route it. Calls are routed on the event loops, where
 * millions of annotations would hold up every other call.
 */
final class RequestLimits {
  /** A Kubernetes object has 1.5 MiB at most, its annotations 256 KiB. */
  private static final int MAX_METADATA_BYTES = 2 << 20;

  /** A registry takes no name of more than some hundred characters. */
  private static final int MAX_IMAGE_NAME_LENGTH = 4096;

  private static final int MAX_EXCERPT_LENGTH = 128;

  private RequestLimits() {}

  /**
   * Checks the metadata, labels and annotations of a pod.
   *
   * @param subject the pod, for the message
   * @throws RpcException RESOURCE_EXHAUSTED if they have more than 2 MiB
   */
  static void checkMetadata(int bytes, Supplier<String> subject) throws RpcException {
    if (bytes > MAX_METADATA_BYTES) {
      throw new RpcException(
          Code.RESOURCE_EXHAUSTED,
          String.format(
              "%s has %d bytes of metadata, labels and annotations, more than the limit of %d",
              ClippedText.of(subject.get()), bytes, MAX_METADATA_BYTES));
    }
  }

  /**
   * Checks an image ref.
   *
   * @throws RpcException INVALID_ARGUMENT if it has more than 4 KiB
   */
  static void checkImageName(String name) throws RpcException {
    if (name.length() > MAX_IMAGE_NAME_LENGTH) {
      throw new RpcException(
          Code.INVALID_ARGUMENT,
          String.format(
              "image name '%s...' has %d characters, more than the limit of %d",
              name.substring(0, MAX_EXCERPT_LENGTH), name.length(), MAX_IMAGE_NAME_LENGTH));
    }
  }
}
