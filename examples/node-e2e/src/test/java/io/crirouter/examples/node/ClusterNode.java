package io.crirouter.examples.node;

import io.crirouter.testkit.containerd.ContainerdInstance;
import io.crirouter.testkit.containerd.RunDirectory;
import io.crirouter.testkit.containerd.TestRegistry;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * One node: a kubelet on the runtimes that it uses, in a mount namespace of their own. Its address
 * is that of the first runtime's bridge.
 */
final class ClusterNode implements AutoCloseable {
  private static final Path CONTROL_GROUPS = Path.of("/sys/fs/cgroup");

  private final String name;
  private final Path folder;
  private final NodeNamespace namespace;
  private final ContainerdInstance primary;
  private final Optional<ContainerdInstance> special;
  private final Optional<Proxy> proxy;
  private final String address;
  private Kubelet kubelet;

  /** What nodes of one cluster share. */
  record Ground(Kubernetes kubernetes, RunDirectory run, TestRegistry registry) {}

  private ClusterNode(String name, Ground ground, boolean routed) throws IOException {
    this.name = name;
    this.folder = Files.createDirectory(ground.run().path().resolve("node-" + name));
    this.namespace = NodeNamespace.create(folder);
    this.primary = containerd(ground, routed ? "primary" : "only");
    this.special = routed ? Optional.of(containerd(ground, Proxy.SPECIAL)) : Optional.empty();
    this.proxy =
        routed
            ? Optional.of(Proxy.of(folder, primary.socket(), special.orElseThrow().socket()))
            : Optional.empty();
    this.address = addressOf(primary.bridge());
  }

  /** Starts the runtimes of a node that has one, without a router. */
  static ClusterNode direct(Ground ground) throws IOException {
    return new ClusterNode("direct", ground, false);
  }

  /** Starts the runtimes of a node that has two, and the proxy in front of them. */
  static ClusterNode routed(Ground ground) throws IOException {
    ClusterNode node = new ClusterNode("routed", ground, true);
    node.proxy().start();
    return node;
  }

  private ContainerdInstance containerd(Ground ground, String instance) throws IOException {
    return ContainerdInstance.builder(instance)
        .binary(namespace.containerd(ground.kubernetes().containerd()))
        .run(ground.run())
        .registry(ground.registry())
        .start();
  }

  static String addressOf(String bridge) throws SocketException {
    return NetworkInterface.getByName(bridge)
        .inetAddresses()
        .filter(Inet4Address.class::isInstance)
        .findFirst()
        .orElseThrow()
        .getHostAddress();
  }

  /** Starts the kubelet. */
  void join(Kubernetes kubernetes, Path kubeconfig) throws IOException {
    makeControlGroup(primary.cgroupParent());
    kubelet =
        Kubelet.of(
            new Kubelet.Setup(
                kubernetes,
                folder,
                namespace,
                name,
                address,
                primary.cgroupParent(),
                proxy.map(Proxy::socket).orElse(primary.socket()),
                kubeconfig));
    kubelet.start();
  }

  /** The kubelet makes groups for its pods in it, in each hierarchy. */
  static void makeControlGroup(String cgroupParent) throws IOException {
    String group = cgroupParent.substring(1);
    if (Files.exists(CONTROL_GROUPS.resolve("cgroup.controllers"))) {
      Files.createDirectories(CONTROL_GROUPS.resolve(group));
      return;
    }
    try (DirectoryStream<Path> hierarchies = Files.newDirectoryStream(CONTROL_GROUPS)) {
      for (Path hierarchy : hierarchies) {
        if (!Files.isSymbolicLink(hierarchy)) {
          Files.createDirectories(hierarchy.resolve(group));
        }
      }
    }
  }

  String name() {
    return name;
  }

  String address() {
    return address;
  }

  NodeNamespace namespace() {
    return namespace;
  }

  Kubelet kubelet() {
    return kubelet;
  }

  /** The only runtime, or that of plain pods. */
  ContainerdInstance primary() {
    return primary;
  }

  /** The runtime of marked pods; the only one on a node without a router. */
  ContainerdInstance special() {
    return special.orElse(primary);
  }

  /**
   * The proxy.
   *
   * @throws java.util.NoSuchElementException on a node without one
   */
  Proxy proxy() {
    return proxy.orElseThrow();
  }

  @Override
  public void close() {
    if (kubelet != null) {
      kubelet.close();
    }
    proxy.ifPresent(Proxy::close);
    special.ifPresent(ContainerdInstance::kill);
    primary.kill();
    namespace.close();
  }

  @Override
  public String toString() {
    return name;
  }
}
