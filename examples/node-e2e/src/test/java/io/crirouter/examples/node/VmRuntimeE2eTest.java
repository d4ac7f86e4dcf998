package io.crirouter.examples.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.testkit.containerd.ContainerdInstance;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The example of a runtime of virtual machines, in its two ways to a node. */
class VmRuntimeE2eTest extends OnCluster {
  private static final String IMAGE = "registry.test/vm-runtime:1";
  private static final Path PLUGINS = Path.of("/usr/lib/cni");

  private static final String CONTAINER =
      """
      containers:
      - {name: main, image: "registry.test/busybox:1", command: [sleep, "1000"]}
      """;

  private VmExample example;

  VmRuntimeE2eTest(Cluster cluster) {
    super(cluster);
  }

  @BeforeAll
  void makeExample() throws IOException {
    example = VmExample.create(cluster.routed().special().directory().resolve("vm"));
  }

  @AfterAll
  void closeExample() {
    example.close();
  }

  /** It takes the place of the other runtime. */
  @Test
  void broughtByADaemonSet() throws IOException {
    ContainerdInstance special = cluster.routed().special();
    special.kill();
    Files.delete(special.socket());
    importImage();
    try (RuntimeDaemonSet daemons =
        RuntimeDaemonSet.create(cluster, "vm-runtime", daemonSet(special))) {
      EverywherePods vm = at("vm", spec("special/guests/linux:1"), Place.SPECIAL).awaitReady();
      TestPod pod = vm.at(Place.SPECIAL);
      awaitBoot(pod);
      assertThat(pod.exec("main", "true").code()).as("exec in a VM").isNotZero();
      assertThat(pod.attach("echo answer $((6 * 7))")).contains("answer 42");
      ReadinessWatch watch = ReadinessWatch.of(vm);

      daemons.replacePod();

      Await.until(
          "exec",
          () -> pod.exec("main", "true").output(),
          text -> text.contains("does not support exec"));
      assertThat(pod.attach("echo again $((6 * 7))")).contains("again 42");
      watch.assertAlwaysReadyAndNeverRestarted();
      vm.delete();
      vm.awaitGone();
    }
  }

  private static String spec(String image) {
    return """
    containers:
    - name: main
      image: %s
      stdin: true
    """
        .formatted(image);
  }

  private static void awaitBoot(TestPod pod) {
    Await.until("boot", () -> pod.logs("main"), log -> log.contains("guest: up"));
  }

  /** As a node gets it that has no registry. */
  private void importImage() {
    Path folder = example.folder().resolve("image");
    Shell.run(
            VmExample.SOURCES + "/bin/make-image",
            "--class-path",
            example.classPath(),
            IMAGE,
            folder.toString())
        .orThrow();
    Shell.run(
            cluster.kubernetes().containerd().containerd().resolveSibling("ctr").toString(),
            "--address=" + cluster.routed().primary().socket(),
            "--namespace=k8s.io",
            "images",
            "import",
            folder.resolve("vm-runtime-1-oci-amd64.tar").toString())
        .orThrow();
  }

  /** The example's own, with the paths of this node. */
  private String daemonSet(ContainerdInstance special) throws IOException {
    List<String> options = new ArrayList<>(example.options());
    options.addAll(List.of("--cni-configurations", example.network().toString()));
    options.addAll(List.of("--cni-plugins", PLUGINS.toString()));
    // What is process 1 of a node is none of this one.
    options.addAll(
        List.of(
            "--host-command", "nsenter -t %d -m --".formatted(cluster.routed().namespace().pid())));
    return Files.readString(VmExample.SOURCES.resolve("deploy/daemon-set.yaml"))
        .replace("/run/vm-runtime/vm.sock", special.socket().toString())
        .replace("/run/vm-runtime", special.socket().getParent().toString())
        .replace("/var/lib/vm-runtime", special.directory().resolve("v").toString())
        .replace("/etc/cni/net.d", example.network().toString())
        .replace("/opt/cni/bin", PLUGINS.toString())
        .replace("registry.example/vm-runtime:1", IMAGE)
        .replace("vm-runtime.example.org/node: \"true\"", "kubernetes.io/hostname: routed")
        .replaceAll(
            "( +- )--images\n +- .*\n",
            options.stream().map(option -> "$1" + option + "\n").collect(Collectors.joining()));
  }

  /** It takes the place of the proxy and of the other runtime. */
  @Test
  void inOneProcessWithTheRouter() throws IOException {
    EverywherePods container = at("container", CONTAINER, Place.PRIMARY).awaitReady();
    ReadinessWatch watch = ReadinessWatch.of(container);
    cluster.routed().proxy().stop();
    HostProcess node = nodeProcess();
    try {
      start(node);
      TestPod vm = createPodOfNode();
      Await.until(vm + " to be ready", vm::report, PodReport::isReady);
      awaitBoot(vm);

      node.kill();
      start(node);
      restartKubelet();
      // A kubelet that has just begun does not know its pods at first.
      Await.until(
          "attach", () -> vm.attach("echo answer $((6 * 7))"), text -> text.contains("answer 42"));
      assertThat(vm.report().restarts("main")).as("restarts of the VM").isZero();

      endMachines(node);
      start(node);
      restartKubelet();
      Await.until("the VM again", vm::report, now -> now.isReady() && now.restarts("main") == 1);
      awaitBoot(vm);
      vm.delete();
      Await.until("end of " + vm, vm::isGone);
      watch.assertAlwaysReadyAndNeverRestarted();
    } finally {
      endMachines(node);
    }
  }

  private HostProcess nodeProcess() throws IOException {
    List<String> arguments = new ArrayList<>();
    arguments.add(cluster.routed().primary().socket().toString());
    arguments.add(cluster.routed().proxy().socket().toString());
    arguments.addAll(example.options());
    arguments.addAll(List.of("--folder", machines().toString()));
    arguments.addAll(List.of("--cni-configurations", example.network().toString()));
    arguments.addAll(List.of("--cni-plugins", PLUGINS.toString()));
    return new HostProcess(
        "VmNode",
        example.folder().resolve("node.log"),
        cluster
            .routed()
            .namespace()
            .enter(
                JavaProgram.command(
                    example.folder(), example.classPath(), "org.example.vm.VmNode", arguments)));
  }

  private Path machines() {
    return cluster.routed().special().directory().resolve("n");
  }

  private void start(HostProcess node) throws IOException {
    Path socket = cluster.routed().proxy().socket();
    Files.deleteIfExists(socket);
    node.start(() -> Files.exists(socket));
  }

  private void restartKubelet() {
    cluster.routed().kubelet().kill();
    cluster.routed().kubelet().start();
    cluster.awaitReady(cluster.routed());
  }

  private TestPod createPodOfNode() {
    TestPod pod = new TestPod(cluster, Place.SPECIAL, "vm-of-node");
    cluster
        .client()
        .post(
            "/api/v1/namespaces/" + Cluster.NAMESPACE + "/pods",
            Place.SPECIAL
                .manifest(pod.name(), cluster, spec("vm.example/guests/linux:1"))
                .replace("target-runtime: special", "target-runtime: vm.example"));
    return pod;
  }

  /** As a restart of the node ends VMs: neither process nor network is left. */
  private void endMachines(HostProcess node) {
    node.kill();
    Shell.run("pkill", "-KILL", "-f", machines() + "/");
    Shell.run(
        cluster
            .routed()
            .namespace()
            .enter(
                List.of(
                    "sh", "-c", "for name in /run/netns/vm-*; do ip netns del ${name##*/}; done")));
  }
}
