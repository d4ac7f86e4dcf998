package io.crirouter.testkit.containerd;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Checks whether this machine can run the containerd tests.
 *
 * <p>Two settings are read, each from a system property or otherwise from an environment variable
 * of the same name: {@code CRI_ROUTER_RUNTIMES} is the folder of {@code .ci/install-runtimes}
 * (default {@code /var/lib/cri-router-e2e}); {@code CRI_ROUTER_E2E=required} makes tests fail
 * instead of being skipped.
 */
public final class ContainerdEnvironment {
  static final Path BUSYBOX = Path.of("/bin/busybox");
  static final Path REGISTRY = Path.of("/usr/bin/docker-registry");
  static final Path CNI_PLUGINS = Path.of("/usr/lib/cni");

  private static final Map<Path, String> PACKAGE_OF =
      Map.of(
          Path.of("/usr/sbin/runc"),
          "runc",
          CNI_PLUGINS.resolve("bridge"),
          "containernetworking-plugins",
          CNI_PLUGINS.resolve("host-local"),
          "containernetworking-plugins",
          CNI_PLUGINS.resolve("loopback"),
          "containernetworking-plugins",
          REGISTRY,
          "docker-registry",
          Path.of("/usr/bin/socat"),
          "socat",
          Path.of("/bin/ip"),
          "iproute2");

  private ContainerdEnvironment() {}

  /** The folder that holds the unpacked runtimes and, while tests run, their work folders. */
  public static Path runtimes() {
    String configured = setting("CRI_ROUTER_RUNTIMES");
    return Path.of(configured == null ? "/var/lib/cri-router-e2e" : configured);
  }

  /** Whether tests that cannot run on this machine fail instead of being skipped. */
  public static boolean required() {
    return "required".equals(setting("CRI_ROUTER_E2E"));
  }

  /** Descriptions of what this machine lacks to run {@code line}; empty if tests can run. */
  public static List<String> missing(ContainerdLine line) {
    List<String> missing = new ArrayList<>();
    if (!isRoot()) {
      missing.add("root (this process runs as another user)");
    }
    if (!Files.isExecutable(line.containerd())) {
      missing.add(line.containerd() + " (" + line + ")");
    }
    PACKAGE_OF.forEach(
        (file, name) -> {
          if (!Files.isExecutable(file)) {
            missing.add(file + " (Debian package " + name + ")");
          }
        });
    if (!isStaticBusybox()) {
      missing.add(BUSYBOX + ", linked statically (Debian package busybox-static)");
    }
    missing.sort(null);
    return missing;
  }

  /**
   * The reason to skip tests of {@code line}, for an assumption; empty if they can run.
   *
   * @throws AssertionError if something is missing and the tests are {@linkplain #required()
   *     required}
   */
  public static Optional<String> reasonToSkip(ContainerdLine line) {
    List<String> missing = missing(line);
    if (missing.isEmpty()) {
      return Optional.empty();
    }
    String reason =
        "containerd tests (%s) cannot run here, missing: %s; on Debian run .ci/install-runtimes"
            .formatted(line, String.join(", ", missing));
    if (required()) {
      throw new AssertionError(reason + " (CRI_ROUTER_E2E=required forbids skipping)");
    }
    return Optional.of(reason);
  }

  private static @Nullable String setting(String name) {
    String property = System.getProperty(name);
    String value = property == null ? System.getenv(name) : property;
    return value == null || value.isBlank() ? null : value;
  }

  private static boolean isRoot() {
    try {
      return Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
    } catch (IOException | UnsupportedOperationException e) {
      return false;
    }
  }

  /** A dynamic busybox contains the path of its loader. It cannot start without libraries. */
  private static boolean isStaticBusybox() {
    if (!Files.isExecutable(BUSYBOX)) {
      return false;
    }
    try {
      return !Files.readString(BUSYBOX, StandardCharsets.ISO_8859_1).contains("/ld-linux");
    } catch (IOException e) {
      throw new UncheckedIOException(BUSYBOX + " cannot be read", e);
    }
  }
}
