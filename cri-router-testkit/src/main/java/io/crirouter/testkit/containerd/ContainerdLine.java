package io.crirouter.testkit.containerd;

import java.nio.file.Path;

/**
 * The containerd releases that the end-to-end tests run on; {@code .ci/install-runtimes} brings
 * them.
 */
public enum ContainerdLine {
  /** The one that the distribution installs: 1.6 on Debian 12, which still serves v1alpha2. */
  INSTALLED,

  /** A newer one, 2.x or 1.7, unpacked beside it. */
  NEWER;

  /** Where the {@code containerd} of this line is expected; it may be missing. */
  public Path containerd() {
    return switch (this) {
      case INSTALLED -> Path.of("/usr/bin/containerd");
      case NEWER -> ContainerdEnvironment.runtimes().resolve("newer/usr/bin/containerd");
    };
  }
}
