package io.crirouter.core.internal.naming;

import io.crirouter.core.BackendName;
import io.crirouter.core.RpcException;
import java.util.List;

/**
 * Checks the rules of an image strategy with names that images could have. Immutable.
 *
 * @param space the names of the images of {@code backend}
 */
record ImageStrategyCheck(NameSpace space, BackendName backend) {
  private static final List<String> SAMPLES =
      List.of(
          "busybox:latest",
          "docker.io/library/busybox:1.36",
          "registry.invalid:5000/team/app@sha256:"
              + "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");

  /**
   * @throws IllegalArgumentException if the strategy breaks a rule
   */
  void require() {
    try {
      for (String ref : SAMPLES) {
        String unused = space.toClient(ref);
      }
    } catch (RpcException e) {
      throw new IllegalArgumentException(e.status().message(), e);
    }
  }

  /**
   * @throws IllegalArgumentException if names of one backend are owned by the other
   */
  void requireDistinct(NameSpace other, BackendName otherName) {
    try {
      for (String ref : SAMPLES) {
        requireNotOwned(space.toClient(ref), other, backend, otherName);
        requireNotOwned(other.toClient(ref), space, otherName, backend);
      }
    } catch (RpcException e) {
      throw new IllegalArgumentException(e.status().message(), e);
    }
  }

  private static void requireNotOwned(
      String clientRef, NameSpace space, BackendName has, BackendName owns) throws RpcException {
    if (space.owns(clientRef)) {
      throw new IllegalArgumentException(
          String.format(
              "image name '%s' of runtime %s would be owned by runtime %s: their image strategies"
                  + " do not fit together",
              clientRef, has, owns));
    }
  }
}
