package org.example.vm;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** The requirements of tests with real machines. */
final class QemuEnvironment {
  static final Path CNI_PLUGINS = Path.of("/usr/lib/cni");

  private QemuEnvironment() {}

  /** Skips a test if machines cannot run, or fails it if CRI_ROUTER_E2E requires them. */
  static void require() {
    Optional<String> reason = reasonToSkip();
    if ("required".equals(System.getenv("CRI_ROUTER_E2E"))) {
      reason.ifPresent(
          text -> {
            throw new AssertionError(text);
          });
    }
    Assumptions.assumeTrue(reason.isEmpty(), () -> reason.orElse(""));
  }

  static Optional<String> reasonToSkip() {
    List<String> missing =
        Stream.of(
                missing("root", isRoot()),
                missing("qemu-system-x86_64 (package qemu-system-x86)", has("qemu-system-x86_64")),
                missing("ip and tc (package iproute2)", has("ip") && has("tc")),
                missing(
                    "CNI plugins (package containernetworking-plugins)",
                    Files.exists(CNI_PLUGINS.resolve("bridge"))))
            .flatMap(Optional::stream)
            .toList();
    return missing.isEmpty()
        ? Optional.empty()
        : Optional.of("VMs cannot run here, missing: " + String.join(", ", missing));
  }

  private static boolean isRoot() {
    return "root".equals(System.getProperty("user.name"));
  }

  private static Optional<String> missing(String what, boolean there) {
    return there ? Optional.empty() : Optional.of(what);
  }

  static boolean has(String program) {
    return Stream.of(System.getenv("PATH").split(":", -1))
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
  }
}
