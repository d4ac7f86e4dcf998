package io.crirouter.core.internal.naming;

import io.crirouter.core.BackendName;
import io.crirouter.core.ImageStrategy;

/** Images have the same names everywhere. */
public enum SharedImages implements ImageStrategy {
  /** The only one. */
  INSTANCE;

  @Override
  public String toClient(BackendName backend, String ref) {
    return ref;
  }

  @Override
  public String toRuntime(BackendName backend, String clientRef) {
    return clientRef;
  }

  @Override
  public String toString() {
    return "shared";
  }
}
