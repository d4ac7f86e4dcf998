package io.crirouter.examples.node;

import io.crirouter.testkit.containerd.TestRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The kubelet of one node, which can be killed and started again. */
final class Kubelet implements AutoCloseable {
  static final int PORT = 10250;
  private static final int HEALTH_PORT = 10248;

  /** The last release in which containerd had to be asked for by an option of its own. */
  private static final int LAST_WITH_DOCKER = 23;

  private final Kubernetes kubernetes;
  private final Path folder;
  private final String address;
  private final String cgroupRoot;
  private final HostProcess process;

  /** What a kubelet needs to know of its node. */
  record Setup(
      Kubernetes kubernetes,
      Path folder,
      NodeNamespace namespace,
      String nodeName,
      String address,
      String cgroupRoot,
      Path runtimeSocket,
      Path kubeconfig) {}

  private Kubelet(Setup setup, HostProcess process) {
    this.kubernetes = setup.kubernetes();
    this.folder = setup.folder();
    this.address = setup.address();
    this.cgroupRoot = setup.cgroupRoot();
    this.process = process;
  }

  /** Describes it; it is not started yet. */
  static Kubelet of(Setup setup) throws IOException {
    Path program =
        NodeNamespace.program(setup.folder(), "kubelet", setup.kubernetes().program("kubelet"));
    List<String> command = new ArrayList<>();
    command.add(program.toString());
    command.addAll(
        List.of(
            "--config=" + setup.folder().resolve("kubelet.yaml"),
            "--kubeconfig=" + setup.kubeconfig(),
            "--cert-dir=" + setup.folder(),
            "--hostname-override=" + setup.nodeName(),
            "--node-ip=" + setup.address(),
            "--container-runtime-endpoint=unix://" + setup.runtimeSocket(),
            "--v=2"));
    if (!setup.kubernetes().isAtLeast(LAST_WITH_DOCKER + 1)) {
      command.addAll(
          List.of(
              "--container-runtime=remote", "--pod-infra-container-image=" + TestRegistry.PAUSE));
    }
    Kubelet kubelet =
        new Kubelet(
            setup,
            new HostProcess(
                "kubelet of " + setup.nodeName(),
                setup.folder().resolve("kubelet.log"),
                setup.namespace().enter(command)));
    kubelet.configure(Disk.EMPTY);
    return kubelet;
  }

  /** How full the kubelet takes the disk for. */
  enum Disk {
    /** The disk of a test machine may be as full as it likes. */
    EMPTY("0%"),
    FULL("99%");

    private final String threshold;

    Disk(String threshold) {
      this.threshold = threshold;
    }
  }

  /** Writes its configuration, which it reads at its next start. */
  void configure(Disk disk) throws IOException {
    Files.writeString(
        folder.resolve("kubelet.yaml"), configuration(kubernetes, address, cgroupRoot, disk));
  }

  /** What a kubelet of a test is configured with. */
  static String configuration(Kubernetes kubernetes, String address, String cgroupRoot, Disk disk) {
    StringBuilder file =
        new StringBuilder(
            """
            apiVersion: kubelet.config.k8s.io/v1beta1
            kind: KubeletConfiguration
            # On a bridge of this test; nobody else can reach it.
            authentication: {anonymous: {enabled: true}, webhook: {enabled: false}}
            authorization: {mode: AlwaysAllow}
            address: %1$s
            port: %2$d
            readOnlyPort: 0
            healthzBindAddress: %1$s
            healthzPort: %3$d
            cgroupDriver: cgroupfs
            cgroupRoot: %4$s
            failSwapOn: false
            # The machine's packet filter is left alone.
            makeIPTablesUtilChains: false
            evictionHard: {memory.available: 1Mi, nodefs.available: "0%%", imagefs.available: "%5$s"}
            imageGCHighThresholdPercent: 100
            imageMinimumGCAge: 1s
            """
                .formatted(address, PORT, HEALTH_PORT, cgroupRoot, disk.threshold));
    if (kubernetes.isAtLeast(31)) {
      file.append("failCgroupV1: false\n");
    }
    file.append("featureGates:\n");
    kubernetes.turnedOn().forEach(feature -> file.append("  %s: true\n".formatted(feature)));
    return file.toString();
  }

  /** Starts it; it serves when this returns. */
  void start() {
    process.start(() -> new Port(address, HEALTH_PORT).isOpen());
  }

  /** Ends it by SIGKILL. Pods go on. */
  void kill() {
    process.kill();
  }

  /** All that it has logged. */
  String log() {
    return process.log();
  }

  @Override
  public void close() {
    process.close();
  }
}
