package io.crirouter.examples.node;

import io.crirouter.testkit.containerd.ContainerdEnvironment;
import io.crirouter.testkit.containerd.ContainerdLine;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The programs of one Kubernetes release: those that {@code .ci/install-kubernetes} has built, or
 * those in the folder that the environment variable {@code CRI_ROUTER_KUBERNETES} names.
 *
 * @param folder has all programs
 * @param minor of the release 1.minor
 * @param turnedOn the features that the suite turns on, because this release has them off
 */
record Kubernetes(Path folder, int minor, List<String> turnedOn) {
  static final Path ETCD = Path.of("/usr/bin/etcd");

  private static final List<String> PROGRAMS =
      List.of(
          "kubelet",
          "kube-apiserver",
          "kube-controller-manager",
          "kube-scheduler",
          "kubectl",
          "kubeadm");
  private static final Pattern VERSION = Pattern.compile("Kubernetes v1\\.(\\d+)\\.");

  /** From 1.26 on a kubelet speaks CRI v1 only, up to 1.22 v1alpha2 only. */
  private static final int FIRST_WITH_V1_ONLY = 26;

  /** In these a kubelet uses other rpcs than without them, or the same ones for other things. */
  private static final List<String> FEATURES =
      List.of(
          "CRIListStreaming", "EphemeralContainers", "EventedPLEG", "PodAndContainerStatsFromCRI");

  private static final Pattern GATE =
      Pattern.compile("\\b(\\w+)=true\\|false \\(\\w+ - default=false\\)");

  /**
   * Finds them.
   *
   * @throws IllegalStateException if they cannot be run
   */
  static Kubernetes find() {
    Path folder = configuredFolder();
    String output = Shell.run(folder.resolve("kubelet").toString(), "--version").orThrow();
    Matcher version = VERSION.matcher(output);
    if (!version.find()) {
      throw new IllegalStateException(folder + " has a kubelet of an unknown version: " + output);
    }
    return new Kubernetes(folder, Integer.parseInt(version.group(1)), turnedOn(folder));
  }

  /** Those of the wanted features that this release knows and has off. */
  private static List<String> turnedOn(Path folder) {
    String wanted = System.getenv("CRI_ROUTER_FEATURE_GATES");
    List<String> names = wanted == null ? FEATURES : List.of(wanted.split(",", -1));
    String help = Shell.run(folder.resolve("kubelet").toString(), "--help").orThrow();
    return GATE.matcher(help).results().map(gate -> gate.group(1)).filter(names::contains).toList();
  }

  private static Path configuredFolder() {
    String configured = System.getenv("CRI_ROUTER_KUBERNETES");
    return configured == null || configured.isBlank()
        ? ContainerdEnvironment.runtimes().resolve("kubernetes")
        : Path.of(configured);
  }

  /**
   * Why the tests cannot run here; empty when they can.
   *
   * @throws AssertionError if they cannot, and must not be skipped
   */
  static Optional<String> reasonToSkip() {
    Optional<String> reason = ContainerdEnvironment.reasonToSkip(ContainerdLine.INSTALLED);
    if (reason.isPresent()) {
      return reason;
    }
    List<String> missing = missing();
    if (missing.isEmpty()) {
      return Optional.empty();
    }
    String text =
        "tests on a real node cannot run here, missing: %s; .ci/install-kubernetes brings them on"
                .formatted(String.join(", ", missing))
            + " Debian 12";
    if (ContainerdEnvironment.required()) {
      throw new AssertionError(text + " (CRI_ROUTER_E2E=required forbids skipping)");
    }
    return Optional.of(text);
  }

  private static List<String> missing() {
    List<String> missing = new ArrayList<>();
    for (String program : PROGRAMS) {
      Path path = configuredFolder().resolve(program);
      if (!Files.isExecutable(path)) {
        missing.add(path.toString());
      }
    }
    if (!Files.isExecutable(ETCD)) {
      missing.add(ETCD + " (Debian package etcd-server)");
    }
    return missing;
  }

  /** The containerd whose CRI this kubelet speaks: containerd 2 has no v1alpha2. */
  ContainerdLine containerd() {
    return minor < FIRST_WITH_V1_ONLY ? ContainerdLine.INSTALLED : ContainerdLine.NEWER;
  }

  boolean isAtLeast(int otherMinor) {
    return minor >= otherMinor;
  }

  /** Options of all programs that turn on what the suite uses and this release has off. */
  List<String> featureGates() {
    return turnedOn.isEmpty()
        ? List.of()
        : List.of(
            turnedOn.stream()
                .map(feature -> feature + "=true")
                .collect(Collectors.joining(",", "--feature-gates=", "")));
  }

  /** The program {@code name}. */
  Path program(String name) {
    return folder.resolve(name);
  }
}
