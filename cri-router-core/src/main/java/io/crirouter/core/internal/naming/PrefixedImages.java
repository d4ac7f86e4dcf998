package io.crirouter.core.internal.naming;

import io.crirouter.core.BackendName;
import io.crirouter.core.ImageStrategy;

/** Image names begin with the name of their backend. */
public enum PrefixedImages implements ImageStrategy {
  /** The only one. */
  INSTANCE;

  /** What the names of the images of {@code backend} begin with. */
  static String prefix(BackendName backend) {
    return backend + "/";
  }

  @Override
  public String toClient(BackendName backend, String ref) {
    return prefix(backend) + ref;
  }

  @Override
  public String toRuntime(BackendName backend, String clientRef) {
    return owns(backend, clientRef) ? clientRef.substring(prefix(backend).length()) : clientRef;
  }

  @Override
  public boolean owns(BackendName backend, String clientRef) {
    return clientRef.startsWith(prefix(backend));
  }

  @Override
  public String toString() {
    return "prefixed";
  }
}
