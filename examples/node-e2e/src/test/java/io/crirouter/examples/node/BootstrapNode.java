package io.crirouter.examples.node;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.crirouter.testkit.containerd.ContainerdInstance;
import io.crirouter.testkit.containerd.RunDirectory;
import io.crirouter.testkit.containerd.TestRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A node of a cluster of its own that is a machine of its own, with a stand-in for systemd, on
 * which kubeadm's kubelet runs on one containerd. A second one is there. The kubelet logs in as
 * what it is, and may do no more.
 */
final class BootstrapNode implements AutoCloseable {
  static final String NAME = "bootstrapped";

  private static final List<String> OWN_FOLDERS = List.of("/var/lib/criproxy");

  private final Kubernetes kubernetes;
  private final RunDirectory run;
  private final Path folder;
  private final KubeadmNode kubeadm;
  private final List<AutoCloseable> closeables = new ArrayList<>();
  private NodeNamespace namespace;
  private ContainerdInstance primary;
  private ContainerdInstance special;
  private ControlPlane plane;
  private InstallerImage image;

  private BootstrapNode(Kubernetes kubernetes, RunDirectory run) throws IOException {
    this.kubernetes = kubernetes;
    this.run = run;
    this.folder = Files.createDirectory(run.path().resolve("node"));
    this.kubeadm = new KubeadmNode(kubernetes, NAME);
  }

  /** Starts it; the node is ready when this returns. */
  static BootstrapNode start(Kubernetes kubernetes) throws IOException {
    BootstrapNode node = new BootstrapNode(kubernetes, RunDirectory.create());
    try {
      node.startAll();
      return node;
    } catch (IOException | RuntimeException | Error e) {
      node.close();
      throw e;
    }
  }

  private void startAll() throws IOException {
    namespace = NodeNamespace.createMachine(folder, OWN_FOLDERS);
    closeables.add(namespace);
    TestRegistry registry = TestRegistry.start(run);
    primary = containerd(registry, "primary");
    special = containerd(registry, "special");
    String address = ClusterNode.addressOf(primary.bridge());
    Path authority = KubeadmNode.createAuthority(kubernetes, run.path().resolve("authority"));
    plane =
        ControlPlane.start(
            kubernetes, run.path().resolve("control-plane"), address, Optional.of(authority));
    closeables.add(plane);
    ClusterNode.makeControlGroup(primary.cgroupParent());
    writePrograms();
    KubeadmNode.writeCredentials(this, plane.kubeconfig(), authority);
    kubeadm.start(this, primary.socket(), address);
    Await.until("node to be ready", this::isReady);
    Await.until(
        "service account of the namespace",
        () ->
            client().send("GET", "/api/v1/namespaces/default/serviceaccounts/default", "").code()
                == 200);
  }

  private ContainerdInstance containerd(TestRegistry registry, String instance) throws IOException {
    ContainerdInstance started =
        ContainerdInstance.builder(instance)
            .binary(namespace.containerd(kubernetes.containerd()))
            .run(run)
            .registry(registry)
            .start();
    closeables.add(started::kill);
    return started;
  }

  private void writePrograms() throws IOException {
    for (String program : List.of("kubelet", "kubectl", "kubeadm")) {
      link("/usr/bin/" + program, kubernetes.program(program));
    }
    try (InputStream standIn = BootstrapNode.class.getResourceAsStream("systemctl")) {
      String text =
          new String(standIn.readAllBytes(), StandardCharsets.UTF_8)
              .replace("FOLDER", folder.toString())
              .replace("GROUP", controlGroup().substring(1));
      Files.deleteIfExists(namespace.onHost("/usr/bin/systemctl"));
      write("/usr/bin/systemctl", text);
      Files.setPosixFilePermissions(
          namespace.onHost("/usr/bin/systemctl"), PosixFilePermissions.fromString("rwxr-xr-x"));
    }
    image = image("1");
  }

  private void link(String path, Path target) throws IOException {
    Path link = namespace.onHost(path);
    Files.deleteIfExists(link);
    Files.createSymbolicLink(link, target);
  }

  /** Installs the package, as far as files go. */
  void installPackage() throws IOException {
    link("/usr/lib/criproxy", image.folder());
    link("/usr/bin/criproxy", Path.of("../lib/criproxy/bin/criproxy"));
    for (PackageFile file : PackageFile.values()) {
      write(file.path, Files.readString(image.folder().resolve("share").resolve(file.source)));
    }
  }

  /** Purges it. */
  void removePackage() throws IOException {
    for (PackageFile file : PackageFile.values()) {
      Files.delete(namespace.onHost(file.path));
    }
    Files.delete(namespace.onHost("/usr/bin/criproxy"));
    Files.delete(namespace.onHost("/usr/lib/criproxy"));
  }

  private enum PackageFile {
    UNIT("criproxy.service", "/usr/lib/systemd/system/criproxy.service"),
    DEFAULTS("criproxy.default", "/etc/default/criproxy"),
    CONFIG("criproxy.yaml", "/etc/criproxy/criproxy.yaml");

    private final String source;
    private final String path;

    PackageFile(String source, String path) {
      this.source = source;
      this.path = path;
    }
  }

  void write(String path, String text) throws IOException {
    Path file = namespace.onHost(path);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  /** The text of a file of the node. */
  String text(String path) throws IOException {
    return Files.readString(namespace.onHost(path));
  }

  boolean exists(String path) {
    return Files.exists(namespace.onHost(path));
  }

  /** Where {@code path} of the node is on this machine. */
  Path onHost(String path) {
    return namespace.onHost(path);
  }

  boolean isReady() {
    return new NodeReport(client(), NAME).condition("Ready").equals("True");
  }

  ApiClient client() {
    return plane.client();
  }

  ContainerdInstance primary() {
    return primary;
  }

  ContainerdInstance special() {
    return special;
  }

  /** The control group of all that runs on the node. */
  String controlGroup() {
    return primary.cgroupParent();
  }

  Kubernetes kubernetes() {
    return kubernetes;
  }

  InstallerImage image() {
    return image;
  }

  /** Makes an image of another version. */
  InstallerImage image(String version) throws IOException {
    return InstallerImage.create(folder.resolve("image-" + version), version);
  }

  @CanIgnoreReturnValue
  Shell.Outcome systemctl(String... words) {
    return run("systemctl", words);
  }

  /** How often a unit was started. */
  int starts(String unit) throws IOException {
    return Files.readAllLines(folder.resolve("systemd").resolve(unit + ".starts")).size();
  }

  /** Runs kubectl with all rights, though not on the node. */
  Shell.Outcome kubectl(String... words) {
    List<String> command = new ArrayList<>();
    command.add(kubernetes.program("kubectl").toString());
    command.add("--kubeconfig=" + plane.kubeconfig());
    command.addAll(List.of(words));
    return Shell.run(command);
  }

  /** Starts a script that calls kubectl, which has all rights; not on the node. */
  HostProcess withKubectl(String... script) {
    List<String> command =
        new ArrayList<>(
            List.of(
                "env",
                "KUBECONFIG=" + plane.kubeconfig(),
                "PATH=" + kubernetes.program("kubectl").getParent() + ":/usr/bin:/bin"));
    command.addAll(List.of(script));
    return started("script-" + script[1], command);
  }

  private HostProcess started(String name, List<String> command) {
    HostProcess process = new HostProcess(name, folder.resolve(name + ".log"), command);
    process.start(() -> true);
    return process;
  }

  /** Upgrades the kubelet's configuration to another one of the cluster, by the real kubeadm. */
  void upgradeByKubeadm(String configuration) {
    kubeadm.writeConfigMaps(client(), configuration);
    run(
            "kubeadm",
            "upgrade",
            "node",
            "phase",
            "kubelet-config",
            "--kubeconfig=" + plane.kubeconfig())
        .orThrow();
  }

  /** Runs a program on the node. */
  Shell.Outcome run(String program, String... words) {
    List<String> command = new ArrayList<>();
    command.add(program);
    command.addAll(List.of(words));
    return Shell.run(namespace.enter(command));
  }

  /** Starts {@code criproxy bootstrap} on the node. */
  HostProcess bootstrap(String... words) {
    List<String> command = new ArrayList<>(List.of("criproxy", "bootstrap"));
    command.addAll(List.of(words));
    return started("bootstrap-" + words[0], namespace.enter(command));
  }

  @Override
  public void close() {
    for (int i = closeables.size() - 1; i >= 0; i--) {
      try {
        closeables.get(i).close();
      } catch (Exception e) {
        throw new IllegalStateException("closing " + closeables.get(i), e);
      }
    }
    Cluster.keepLogs(
        run, "bootstrap-logs", "node", "node/systemd", "control-plane", "primary", "special");
    run.close();
    Cluster.removeIfEmpty(Path.of("/var/lib/kubelet"));
    OWN_FOLDERS.forEach(own -> Cluster.removeIfEmpty(Path.of(own)));
  }
}
