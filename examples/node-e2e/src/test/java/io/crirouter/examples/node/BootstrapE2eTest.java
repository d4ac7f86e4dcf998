package io.crirouter.examples.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import io.crirouter.proto.v1.ListPodSandboxRequest;
import io.crirouter.testkit.CriClient;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIf;

/**
 * {@code criproxy bootstrap} puts the proxy under a kubelet with pods, and takes it off again.
 * While it does, the pods are watched: the same ids, start times, IPs and restart counts, and never
 * unready. Each test leaves the node as it was.
 */
@DisabledIf("cannotRun")
class BootstrapE2eTest {
  private static final String KUBELET = "kubelet.service";
  private static final String PROXY = "unix:///run/criproxy/criproxy.sock";
  private static final String PODS = "/api/v1/namespaces/default/pods";

  private static BootstrapNode node;
  private static Map<String, String> before;
  private static Map<String, String> filesBefore;

  static boolean cannotRun() {
    return Kubernetes.reasonToSkip().isPresent();
  }

  @BeforeAll
  static void start() throws IOException {
    node = BootstrapNode.start(Kubernetes.find());
    node.client()
        .post(
            "/apis/node.k8s.io/v1/runtimeclasses",
            """
            apiVersion: node.k8s.io/v1
            kind: RuntimeClass
            metadata: {name: special}
            handler: special
            """);
    createPod("one", "app: plain", "", "registry.test/busybox:1");
    createPod("two", "app: plain", "", "registry.test/busybox:1");
    before = running();
    assertThat(before).hasSize(2);
    filesBefore = files();
  }

  @AfterAll
  static void stop() {
    if (node != null) {
      node.close();
    }
  }

  private static Map<String, String> files() throws IOException {
    Map<String, String> files = new TreeMap<>();
    for (String file : List.of(KubeadmNode.CONFIG, KubeadmNode.FLAGS)) {
      files.put(file, node.text(file));
    }
    return files;
  }

  @Test
  void onTheNode() throws IOException {
    node.installPackage();
    String installed =
        watched(
            node.bootstrap(
                "install",
                "--runtime=special=" + node.special().socket(),
                "--runtime-class=special=special",
                "--watch=5"));
    assertThat(installed).contains("installed: the kubelet uses unix:///run/criproxy/");
    assertThat(verified()).isEqualTo("0: ");

    createPod(
        "marked", "app: marked", "runtimeClassName: special", "special/registry.test/busybox:1");
    assertThat(sandboxes(node.special().socket())).containsExactly("marked");
    HostProcess refused = node.bootstrap("uninstall");
    assertThat(refused.awaitExit()).as(refused.log()).isEqualTo(2);
    assertThat(refused.log()).contains("default/marked");

    String marked = pod("marked").containerId("main");
    upgradeByKubeadm();
    Await.until("kubelet after the upgrade", BootstrapE2eTest::verified, "0: "::equals);
    assertThat(running()).isEqualTo(before);
    assertThat(pod("marked").containerId("main")).isEqualTo(marked);

    String removed = watched(node.bootstrap("uninstall", "--drain"));
    assertThat(removed)
        .contains("evicting default/marked")
        .contains("removed: the kubelet uses unix://");
    // The kubelet, just restarted, tells the API server at last.
    Await.until(
        "end of the marked pod",
        () -> node.client().send("GET", PODS + "/marked", "").code(),
        code -> code == 404);
    assertThat(node.client().get("/api/v1/nodes/" + BootstrapNode.NAME).toString())
        .as("new pods may come again")
        .doesNotContain("unschedulable");
    assertThat(node.text(KubeadmNode.CONFIG))
        .as("what the upgrade brought stays")
        .contains("maxPods: 42")
        .doesNotContain("criproxy");
    assertThat(node.text(KubeadmNode.FLAGS)).isEqualTo(filesBefore.get(KubeadmNode.FLAGS));
    assertThat(node.text("/etc/criproxy/criproxy.yaml"))
        .as("as the package has it")
        .doesNotContain(node.special().socket().toString());
    node.removePackage();
    node.write(KubeadmNode.CONFIG, filesBefore.get(KubeadmNode.CONFIG));
  }

  @Test
  void fromDaemonSets() throws IOException {
    DeployManifests manifests = DeployManifests.apply(node, node.image());
    int startsBefore = node.starts(KUBELET);
    watched(manifests.onNode("install"));
    assertThat(node.starts(KUBELET)).isEqualTo(startsBefore + 1);
    assertThat(manifests.log("criproxy-install", "install"))
        .contains("installed: the kubelet uses unix:///run/criproxy/");
    assertThat(manifests.pods("criproxy-install").get(0).restarts("install")).isZero();
    Await.until("runtime of the demo", () -> manifests.isReady("demo-runtime", ""));

    manifests.createExamplePod();
    Await.until("example pod to be ready", () -> pod("special"), PodReport::isReady);
    String special = pod("special").containerId("main");
    assertThat(sandboxes(node.onHost("/run/demo-runtime/runtime.sock"))).containsExactly("special");

    int starts = node.starts(KUBELET);
    String installer = manifests.pods("criproxy-install").get(0).uid();
    manifests.install(node.image("2"));
    String handedOver =
        watched(
            () -> manifests.isReady("criproxy-install", installer),
            () -> manifests.log("criproxy-install", "install"));
    assertThat(handedOver).contains("upgraded to 2");
    assertThat(node.starts(KUBELET)).as("the kubelet is left alone").isEqualTo(starts);
    assertThat(pod("special").containerId("main")).isEqualTo(special);

    upgradeByKubeadm();
    Await.until("kubelet after the upgrade", node::isReady);
    assertThat(running()).isEqualTo(before);
    assertThat(pod("special").containerId("main")).isEqualTo(special);
    String upgraded = node.text(KubeadmNode.CONFIG);

    node.kubectl("delete", "pod", "special", "--grace-period=1").orThrow();
    watched(manifests.onNode("remove"));
    assertThat(node.text(KubeadmNode.CONFIG))
        .as("what the upgrade brought stays")
        .isEqualTo(upgraded.replace(PROXY, "unix://" + node.primary().socket()));
    assertThat(node.text(KubeadmNode.FLAGS)).isEqualTo(filesBefore.get(KubeadmNode.FLAGS));
    node.write(KubeadmNode.CONFIG, filesBefore.get(KubeadmNode.CONFIG));
    for (String copied : List.of("/usr/lib/criproxy", "/etc/systemd/system/criproxy.service")) {
      assertThat(node.exists(copied)).as(copied).isFalse();
    }
    manifests.delete();
  }

  /** The exit code, and what is wrong if that is not 0. */
  private static String verified() {
    HostProcess verify = node.bootstrap("verify");
    int exitCode = verify.awaitExit();
    return exitCode + ": " + (exitCode == 0 ? "" : verify.log());
  }

  /** The cluster has the kubelet's configuration without the endpoint of any node. */
  private static void upgradeByKubeadm() throws IOException {
    String ofCluster =
        filesBefore
            .get(KubeadmNode.CONFIG)
            .lines()
            .filter(line -> !line.startsWith("containerRuntimeEndpoint"))
            .collect(Collectors.joining("\n"));
    node.upgradeByKubeadm(ofCluster + "\nmaxPods: 42\n");
    assertThat(node.text(KubeadmNode.CONFIG)).contains("maxPods: 42");
    node.systemctl("restart", KUBELET).orThrow();
  }

  private static String watched(HostProcess bootstrap) {
    String log = watched(() -> !bootstrap.isAlive(), bootstrap::log);
    assertThat(bootstrap.awaitExit()).as(log).isZero();
    return log;
  }

  /**
   * Looks at the pods until a bootstrap is done, and once after it; returns its log. The node is
   * not ready for the first seconds of any kubelet, but is when the bootstrap has ended.
   */
  private static String watched(BooleanSupplier done, Supplier<String> log) {
    List<Map<String, String>> changes = new ArrayList<>();
    Await.within(
        Duration.ofMinutes(3),
        () -> "end of the bootstrap; its log:\n" + log.get(),
        () -> {
          look(changes);
          return done.getAsBoolean();
        });
    look(changes);
    assertThat(changes).isEmpty();
    assertThat(node.isReady()).as("the node is ready").isTrue();
    return log.get();
  }

  private static void look(List<Map<String, String>> changes) {
    Map<String, String> now = running();
    if (!now.equals(before)) {
      changes.add(now);
    }
  }

  /** Of each plain pod: readiness, IP, the container with its id, start and restarts. */
  private static Map<String, String> running() {
    Map<String, String> running = new TreeMap<>();
    for (JsonElement each :
        node.client().get(PODS + "?labelSelector=app%3Dplain").getAsJsonArray("items")) {
      PodReport pod = new PodReport(each.getAsJsonObject());
      running.put(
          pod.uid(),
          "%s %s %s".formatted(pod.isReady(), pod.ip(), pod.container("main").orElseThrow()));
    }
    return running;
  }

  private static PodReport pod(String name) {
    return new PodReport(node.client().get(PODS + "/" + name));
  }

  private static List<String> sandboxes(Path socket) {
    try (CriClient client = CriClient.connect(socket)) {
      return client
          .runtime()
          .listPodSandbox(ListPodSandboxRequest.getDefaultInstance())
          .getItemsList()
          .stream()
          .map(sandbox -> sandbox.getMetadata().getName())
          .toList();
    }
  }

  private static void createPod(String name, String labels, String more, String image) {
    node.client()
        .post(
            PODS,
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: %s, labels: {%s}}
            spec:
              %s
              terminationGracePeriodSeconds: 1
              tolerations: [{operator: Exists}]
              containers:
              - {name: main, image: "%s", command: [sleep, "1000"]}
            """
                .formatted(name, labels, more, image));
    Await.until("pod " + name + " to be ready", () -> pod(name), PodReport::isReady);
  }
}
