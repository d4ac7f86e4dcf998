package io.crirouter.examples.node;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.crirouter.testkit.containerd.RunDirectory;
import io.crirouter.testkit.containerd.TestRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;

/**
 * A cluster of two nodes on this machine: {@code direct}, whose kubelet uses one containerd, and
 * {@code routed}, whose kubelet uses two of them through criproxy. What happens on both can so be
 * compared.
 */
final class Cluster implements AutoCloseable {
  /** Where the tests put their pods. */
  static final String NAMESPACE = "default";

  private final Kubernetes kubernetes;
  private final RunDirectory run;
  private TestRegistry registry;
  private ClusterNode direct;
  private ClusterNode routed;
  private ControlPlane controlPlane;

  private Cluster(Kubernetes kubernetes, RunDirectory run) {
    this.kubernetes = kubernetes;
    this.run = run;
  }

  /**
   * Starts all of it; both nodes are ready when this returns.
   *
   * @throws RuntimeException if something does not start; nothing is left then
   */
  static Cluster start(Kubernetes kubernetes) {
    Cluster cluster = new Cluster(kubernetes, RunDirectory.create());
    try {
      cluster.startAll();
      return cluster;
    } catch (IOException e) {
      cluster.close();
      throw new UncheckedIOException("the cluster cannot be made in " + cluster.run.path(), e);
    } catch (RuntimeException | Error e) {
      cluster.close();
      throw e;
    }
  }

  private void startAll() throws IOException {
    registry = TestRegistry.start(run);
    ClusterNode.Ground ground = new ClusterNode.Ground(kubernetes, run, registry);
    direct = ClusterNode.direct(ground);
    routed = ClusterNode.routed(ground);
    controlPlane =
        ControlPlane.start(kubernetes, run.path().resolve("control-plane"), direct.address());
    client()
        .post(
            "/apis/node.k8s.io/v1/runtimeclasses",
            """
            apiVersion: node.k8s.io/v1
            kind: RuntimeClass
            metadata: {name: special}
            handler: special
            """);
    for (ClusterNode node : nodes()) {
      node.join(kubernetes, controlPlane.kubeconfig());
    }
    for (ClusterNode node : nodes()) {
      awaitReady(node);
    }
    Await.until(
        "service account of the namespace",
        () ->
            client().send("GET", "/api/v1/namespaces/default/serviceaccounts/default", "").code()
                == 200);
    warmUp();
  }

  /**
   * Gives every runtime the image of most tests. Waits for the end of its pods: what a kubelet
   * complains of at a deletion must not count for the first tests.
   */
  private void warmUp() {
    EverywherePods pods =
        EverywherePods.create(
            this,
            "warm-up",
            """
            containers:
            - {name: main, image: "registry.test/busybox:1", command: [sleep, "1000"]}
            """,
            Place.values());
    pods.awaitReady();
    pods.delete();
    pods.awaitGone();
  }

  /** Waits until the node is ready. */
  void awaitReady(ClusterNode node) {
    Await.until(
        "node " + node + " to be ready",
        () -> new NodeReport(client(), node.name()).condition("Ready"),
        "True"::equals);
  }

  List<ClusterNode> nodes() {
    return List.of(direct, routed);
  }

  ClusterNode direct() {
    return direct;
  }

  ClusterNode routed() {
    return routed;
  }

  Kubernetes kubernetes() {
    return kubernetes;
  }

  TestRegistry registry() {
    return registry;
  }

  ControlPlane controlPlane() {
    return controlPlane;
  }

  ApiClient client() {
    return controlPlane.client();
  }

  /** Runs kubectl to its end. */
  @CanIgnoreReturnValue
  Shell.Outcome kubectl(String... arguments) {
    return Shell.run(kubectlCommand(arguments));
  }

  /** Starts a kubectl that goes on; what it prints is in its log. */
  HostProcess startKubectl(String name, String... arguments) {
    HostProcess process =
        new HostProcess(
            "kubectl " + name,
            run.path().resolve("control-plane/" + name + ".log"),
            kubectlCommand(arguments));
    process.start(() -> true);
    return process;
  }

  /** What runs kubectl. */
  List<String> kubectlCommand(String... arguments) {
    List<String> command = new ArrayList<>();
    command.addAll(
        List.of(
            kubernetes.program("kubectl").toString(),
            "--kubeconfig=" + controlPlane.kubeconfig(),
            "--cache-dir=" + run.path().resolve("control-plane/cache")));
    command.addAll(List.of(arguments));
    return command;
  }

  @Override
  public void close() {
    if (controlPlane != null) {
      controlPlane.close();
    }
    if (routed != null) {
      routed.close();
    }
    if (direct != null) {
      direct.close();
    }
    keepLogs(
        run, "logs", "node-direct", "node-routed", "control-plane", "primary", "special", "only");
    run.close();
    removeIfEmpty(Path.of("/var/lib/kubelet"));
  }

  /** Keeps the logs of the last run in the module's build folder. */
  static void keepLogs(RunDirectory run, String kept, String... folders) {
    for (String folder : folders) {
      Path target = Path.of("target", kept, folder);
      try (DirectoryStream<Path> logs =
          Files.newDirectoryStream(run.path().resolve(folder), "*.log")) {
        for (Path log : logs) {
          Files.createDirectories(target);
          Files.copy(log, target.resolve(log.getFileName()), StandardCopyOption.REPLACE_EXISTING);
        }
      } catch (NoSuchFileException e) {
        // The cluster did not get that far.
      } catch (IOException e) {
        throw new UncheckedIOException("the logs in " + folder + " cannot be kept", e);
      }
    }
  }

  /** Where a node's own folder was; a real kubelet's has files. */
  static void removeIfEmpty(Path folder) {
    try {
      Files.deleteIfExists(folder);
    } catch (DirectoryNotEmptyException e) {
      // It is somebody else's.
    } catch (IOException e) {
      throw new UncheckedIOException(folder + " cannot be removed", e);
    }
  }

  @Override
  public String toString() {
    return "cluster of Kubernetes 1." + kubernetes.minor() + " in " + run.path();
  }
}
