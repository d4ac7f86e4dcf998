package io.crirouter.testkit.containerd;

import java.nio.file.Path;

/** The containerd releases of the end-to-end tests. {@code .ci/install-runtimes} installs them. */
public enum ContainerdLine {
  /** The release of the distribution: 1.6 on Debian 12, which also serves v1alpha2. */
  INSTALLED,

  /** A newer release, 2.x or 1.7, unpacked in {@link ContainerdEnvironment#runtimes}. */
  NEWER;

  /** The path of the {@code containerd} binary of this line. The file may be missing. */
  public Path containerd() {
    return switch (this) {
      case INSTALLED -> Path.of("/usr/bin/containerd");
      case NEWER -> ContainerdEnvironment.runtimes().resolve("newer/usr/bin/containerd");
    };
  }
}
